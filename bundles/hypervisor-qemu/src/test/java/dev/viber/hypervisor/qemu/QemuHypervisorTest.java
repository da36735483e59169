package dev.viber.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.vm.Console;
import dev.viber.api.vm.Hypervisor;
import dev.viber.api.vm.Hypervisor.Probe;
import dev.viber.api.vm.Machine;
import dev.viber.api.vm.Monitor.Event;
import dev.viber.contracts.HypervisorContract;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** QEMU as it is installed here, under whatever accelerator its probe finds. */
class QemuHypervisorTest extends HypervisorContract {
    /** Settings as they are by default, but for some. */
    private static QemuSettings settings(Map<String, Object> but) {
        return (QemuSettings) Proxy.newProxyInstance(
                QemuSettings.class.getClassLoader(),
                new Class<?>[] {QemuSettings.class, Annotation.class},
                (proxy, method, arguments) -> but.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    /** One file for all tests of a run, so that they probe once. */
    private static final Path PROBED =
            Path.of("target", "probed-" + ProcessHandle.current().pid());

    @Override
    protected Hypervisor hypervisor() {
        return new QemuHypervisor(settings(Map.of("probe_file", PROBED.toString())));
    }

    @Test
    void theProbeReallyBootsAndIsRememberedForThisBoot() throws Exception {
        Path file = folder.resolve("state/probe");
        Probe probe = new QemuHypervisor(settings(Map.of("probe_file", file.toString()))).probe();
        assertThat(probe.canRun()).isTrue();
        assertThat(probe.version()).matches("\\d+\\.\\d+.*");
        assertThat(probe.reason()).isNotBlank();
        String kept = Files.readString(file);
        assertThat(kept)
                .contains(Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .strip());
        // What it kept is believed by the next one, and not by one of another boot.
        Files.writeString(file, kept.replace("reason=", "reason=remembered\\: "));
        assertThat(new QemuHypervisor(settings(Map.of("probe_file", file.toString())))
                        .probe()
                        .reason())
                .startsWith("remembered: ");
        Files.writeString(file, kept.replaceAll("key=\\S+", "key=another-boot").replace("reason=", "reason=stale "));
        assertThat(new QemuHypervisor(settings(Map.of("probe_file", file.toString(), "accelerator", "tcg"))).probe())
                .isEqualTo(new Probe("tcg", probe.version(), "emulation: the configuration says tcg"));
    }

    @Test
    void aProgramThatIsNoQemuIsToldApart() throws Exception {
        assertThat(new QemuHypervisor(settings(Map.of("binary", "qemu-that-is-not"))).probe())
                .satisfies(probe -> assertThat(probe.canRun()).isFalse())
                .satisfies(probe -> assertThat(probe.reason()).contains("qemu-that-is-not", "qemu-system-x86"));
        Path script = Files.writeString(folder.resolve("qemu"), "#!/bin/sh\necho hello\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        QemuHypervisor no = new QemuHypervisor(settings(Map.of("binary", script.toString())));
        assertThat(no.probe().reason()).contains("hello");
        Machine machine = machine("none", "idle");
        assertThatThrownBy(() -> no.command(machine))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("hello");
        assertThatThrownBy(() -> new QemuHypervisor(settings(Map.of("machine", "pc"))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("dev.viber.hypervisor.qemu: machine: 'pc'");
    }

    /** An accelerator under which a guest does not get through is rejected: here an emulated processor that lacks much. */
    @Test
    void theProofFailsWhereTheGuestDoes() throws Exception {
        Path script = Files.writeString(
                folder.resolve("qemu"), "#!/bin/sh\nexec qemu-system-x86_64 \"$@\" -cpu qemu64,-cx16\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        QemuCommand lesser = new QemuCommand(script, "q35", "tcg", 64);
        assertThat(QemuProof.fault(lesser, Duration.ofSeconds(3))).contains("did not get through");
    }

    @Test
    void aPanicIsTold() throws Exception {
        Started all = ready(machine("panics", "xpanic"));
        all.monitor().powerButton();
        assertThat(all.next()).isEqualTo(Event.PANIC);
        assertThat(all.next()).isEqualTo(Event.LOST);
    }

    @Test
    void theControlChannelIsOneAtATime() throws Exception {
        Started all = ready(machine("control", "idle"));
        SocketChannel first = all.monitor().control();
        assertThat(first.isConnected()).isTrue();
        SocketChannel second = all.monitor().control();
        assertThat(first.isOpen()).isFalse();
        second.write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.US_ASCII)));
        all.monitor().close();
        assertThat(second.isOpen()).isFalse();
        // Another server's comes through, too.
        Started other = attach(hypervisor(), all.machine(), all.process());
        assertThat(other.monitor().control().isConnected()).isTrue();
    }

    private static Console console(Started all) throws IOException {
        return Objects.requireNonNull(all.monitor().console(), "QEMU takes input");
    }

    private static void type(Console console, String text) throws IOException {
        console.type(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void whatIsTypedAtTheConsoleIsReadAndWhatItPrintsIsInTheFileWhoeverIsThere() throws Exception {
        Started all = ready(machine("typed", "echo"));
        Console first = console(all);
        type(first, "to the first;");
        awaitText(all.machine().serial(), "ready\nto the first;");
        Console second = console(all);
        assertThat(first.awaitEnd()).isEqualTo(Console.End.ELSEWHERE);
        assertThatThrownBy(() -> type(first, "no more")).isInstanceOf(IOException.class);
        // More than the guest has read when the console is left: each byte once, in the file as well.
        String much = "to the second;".repeat(3000);
        type(second, much);
        second.close();
        assertThat(second.awaitEnd()).isEqualTo(Console.End.LEFT);
        awaitText(all.machine().serial(), "ready\nto the first;" + much);
        Console third = console(all);
        all.monitor().close();
        assertThat(third.awaitEnd()).isEqualTo(Console.End.LET_GO);
        // Another server's, after this one was killed.
        Started other = attach(hypervisor(), all.machine(), all.process());
        Console fourth = console(other);
        type(fourth, "to another;");
        awaitText(all.machine().serial(), "ready\nto the first;" + much + "to another;");
        other.process().destroyForcibly();
        assertThat(fourth.awaitEnd()).isEqualTo(Console.End.LET_GO);
    }

    @Test
    void whatQemuRefusesIsToldInItsWords() throws Exception {
        Started all = ready(machine("refuses", "idle"));
        all.monitor().close();
        try (Qmp qmp = Qmp.connect(QemuCommand.qmpSocket(all.machine()), PATIENCE, PATIENCE, new Qmp.Events() {
            @Override
            public void event(String name, JsonNode data) {}

            @Override
            public void ended() {}
        })) {
            assertThatThrownBy(() -> qmp.execute("no-such-command"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("QEMU refused 'no-such-command' (CommandNotFound):"
                            + " The command no-such-command has not been found");
            // One at a time: who comes second is told so, and the first goes on.
            assertThatThrownBy(() -> hypervisor().attach(all.machine(), Duration.ofMillis(300), each -> {}))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another program talks to it");
            assertThat(qmp.execute("query-status").path("status").asString("")).isEqualTo("running");
        }
    }

    @Test
    void aMachineWithAllItsPartsIsOneCommand() {
        Path folder = Path.of("/run/a,b");
        Machine machine = new Machine(
                "web-1",
                folder,
                2,
                512,
                Path.of("/k"),
                Path.of("/i"),
                Path.of("/r,oot"),
                "ro",
                new Machine.Nic("vpt-c0a87f0a", "0a:58:c0:a8:7f:0a"),
                folder.resolve("serial.log"),
                null);
        List<String> line = new QemuCommand(Path.of("/q"), "microvm", "kvm", 64).of(machine);
        assertThat(line)
                .contains("console=ttyS0 ro", "kvm", "host", "microvm,acpi=off,dump-guest-core=off")
                .contains("pipe,id=serial,path=/run/a,,b/console,logfile=/run/a,,b/serial.log," + "logappend=on")
                .contains("socket,id=qmp,server=on,wait=off,path=/run/a,,b/qmp.sock")
                .contains("driver=raw,node-name=root,read-only=on,file.driver=file,file.locking=off,"
                        + "file.filename=/r,,oot")
                .contains("virtio-net-device,netdev=net,mac=0a:58:c0:a8:7f:0a", "virtio-blk-device,drive=root");
        assertThat(String.join(" ", line)).doesNotContain("-pci");
    }

    @Test
    void theGuestIsWhatItsSourceSays() throws Exception {
        Path root = Path.of(System.getProperty("user.dir")).resolve("../..").normalize();
        Path made = folder.resolve("guest.hex");
        Process make = new ProcessBuilder(root.resolve("build/probe-guest/make").toString(), made.toString())
                .inheritIO()
                .start();
        assertThat(make.waitFor()).isZero();
        assertThat(made).hasSameTextualContentAs(root.resolve("build/probe-guest/guest.hex"));
    }
}
