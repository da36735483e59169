package dev.viber.hypervisor.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Hypervisor.Probe;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Monitor.Event;
import dev.viber.api.vm.Monitor.Run;
import dev.viber.api.vm.ProbeMemory;
import dev.viber.contracts.HypervisorContract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Against the double, and beside that against the program that CLOUD_HYPERVISOR names, where guests run under it. */
@ParameterizedClass(name = "{0}")
@MethodSource("programs")
class CloudHypervisorTest extends HypervisorContract {
    private static final String DOUBLE = "cloud-hypervisor-double";

    private final Path program;
    private final List<CloudHypervisor> made = new ArrayList<>();

    CloudHypervisorTest(Path program) {
        this.program = program;
    }

    static List<Path> programs() throws Exception {
        List<Path> all = new ArrayList<>(List.of(theDouble()));
        String real = System.getenv("CLOUD_HYPERVISOR");
        if (real != null) {
            try (CloudHypervisor hypervisor = new CloudHypervisor(settings(Map.of()), real)) {
                Probe probe = hypervisor.probe();
                System.out.println(real + ": " + probe);
                if (probe.canRun()) {
                    all.add(Path.of(real));
                }
            }
        }
        return all;
    }

    static Path theDouble() throws IOException {
        Path script = Path.of("target", DOUBLE).toAbsolutePath();
        Files.writeString(
                script,
                "#!/bin/sh\nexec '%s/bin/java' -XX:TieredStopAtLevel=1 -cp '%s' %s \"$@\"\n"
                        .formatted(
                                System.getProperty("java.home"),
                                System.getProperty("java.class.path"),
                                CloudDouble.class.getName()));
        assertThat(script.toFile().setExecutable(true)).isTrue();
        return script;
    }

    static CloudSettings settings(Map<String, Object> but) {
        return (CloudSettings) Proxy.newProxyInstance(
                CloudSettings.class.getClassLoader(),
                new Class<?>[] {CloudSettings.class, Annotation.class},
                (proxy, method, arguments) -> but.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    @Override
    protected Hypervisor hypervisor() {
        Path probed = Path.of("target", "probed-" + ProcessHandle.current().pid() + "-" + program.getFileName());
        CloudHypervisor one = new CloudHypervisor(
                settings(Map.of("binary", program.toString(), "probe_file", probed.toString())), "");
        if (program.endsWith(DOUBLE)) {
            try {
                // It needs no KVM; that a host has one that serves is what a real program's probe finds out.
                new ProbeMemory(probed)
                        .put(ProbeMemory.key(program), new Probe("kvm", "53.0-double", "a double needs none"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        made.add(one);
        return one;
    }

    @Test
    void theProofBootsAGuestAndBelievesWhatThatSaid() throws Exception {
        assertThat(CloudProof.fault(new CloudFiles(program, true), PATIENCE)).isEmpty();
    }

    @AfterEach
    void closeAll() {
        made.forEach(CloudHypervisor::close);
    }

    @Override
    protected String powerOff() {
        return "now";
    }

    @Override
    protected String reset() {
        return "again";
    }

    @Test
    void aPanicIsToldAndSoItIsToWhoComesLater() throws Exception {
        Started all = ready(machine("panics", "xpanic vsock=listens"));
        assertThat(all.next()).isEqualTo(Event.PANIC);
        all.monitor().close();
        Started later = attach(hypervisor(), all.machine(), all.process());
        assertThat(later.next()).isEqualTo(Event.PANIC);
    }

    @Test
    void theControlChannelIsOpenedByWhoeverCallsFirst() throws Exception {
        Started listens = ready(machine("listens", "idle vsock=listens"));
        SocketChannel first = listens.monitor().control();
        assertThat(line(first)).isEqualTo("hello there");
        SocketChannel second = listens.monitor().control();
        assertThat(first.isOpen()).isFalse();
        assertThat(line(second)).isEqualTo("hello there");
        listens.monitor().close();
        assertThat(second.isOpen()).isFalse();
        assertThatThrownBy(listens.monitor()::control).isInstanceOf(IOException.class);

        Started calls = ready(machine("calls", "idle vsock=calls"));
        assertThat(line(calls.monitor().control())).isEqualTo("booted protocol=1");
    }

    @Test
    void aGuestThatDoesNotListenIsNotWaitedForForEver() throws Exception {
        Machine machine = machine("silent", "idle vsock=silent");
        Started all = ready(machine);
        all.monitor().close();
        try (CloudHypervisor hasty =
                        new CloudHypervisor(settings(Map.of("control_limit_ms", 100)), program.toString());
                var monitor = hasty.attach(machine, PATIENCE, event -> {})) {
            assertThatThrownBy(monitor::control)
                    .isInstanceOf(IOException.class)
                    .hasMessage("the guest of 'silent' did not listen on its port 1024 within 100 ms");
        }
    }

    @Test
    void whatCannotBootSaysWhyAndCanBeBootedAfterwards() throws Exception {
        Machine good = machine("late", "idle");
        Path kernel = Files.move(good.kernel(), folder.resolve("elsewhere"));
        Started all = start(good);
        assertThatThrownBy(all.monitor()::boot)
                .isInstanceOf(CloudRefusal.class)
                .hasMessage("Cloud Hypervisor refused vm.boot (500): Error from API: The VM could not boot:"
                        + " Cannot open kernel file: No such file or directory (os error 2)");
        assertThatThrownBy(all.monitor()::run).hasMessageContaining("'late' is not booted (not created)");
        Files.move(kernel, good.kernel());
        all.monitor().boot();
        awaitText(good.serial(), "ready");
        assertThat(all.monitor().run()).isEqualTo(Run.RUNNING);
    }

    @Test
    void atTheDoorOfTenConnectionsItKnocksAgain() throws Exception {
        Started all = ready(machine("crowded", "idle"));
        all.monitor().close();
        Path socket = CloudFiles.apiSocket(all.machine());
        List<CloudApi> crowd = new ArrayList<>();
        try (CloudApi api = new CloudApi(socket, PATIENCE)) {
            api.get("vmm.ping");
            for (int i = 0; i < 9; i++) {
                // Each is let in, though the connection of the monitor may still be counted.
                CloudApi one = new CloudApi(socket, PATIENCE);
                crowd.add(one);
                one.get("vmm.ping");
            }
            try (CloudApi outside = new CloudApi(socket, PATIENCE)) {
                assertThatThrownBy(() -> outside.get("vmm.ping"))
                        .isInstanceOf(CloudRefusal.class)
                        .hasMessageContaining("(503): Too many open connections");
                assertThat(api.get("vm.info").path("state").asString("")).isEqualTo("Running");
                crowd.forEach(CloudApi::close);
                assertThat(outside.get("vmm.ping").path("pid").asLong(0)).isPositive();
            }
        }
    }

    @Test
    void aProgramThatIsNoneIsToldApart() throws Exception {
        try (CloudHypervisor none = new CloudHypervisor(settings(Map.of()), "cloud-hypervisor-that-is-not")) {
            assertThat(none.probe().canRun()).isFalse();
            assertThat(none.probe().reason()).contains("cloud-hypervisor-that-is-not", "CLOUD_HYPERVISOR");
        }
        Path script = Files.writeString(
                folder.resolve("dies"), "#!/bin/sh\n[ $1 = --version ] && echo cloud-hypervisor v1\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        String fault = CloudProof.fault(new CloudFiles(script, true), Duration.ofSeconds(1));
        assertThat(fault).contains("a guest of 1 KiB did not boot (exit status 1)");
    }

    private static String line(SocketChannel channel) throws IOException {
        return new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8)).readLine();
    }
}
