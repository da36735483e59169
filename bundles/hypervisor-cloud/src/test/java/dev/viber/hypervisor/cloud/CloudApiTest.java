package dev.viber.hypervisor.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.vm.FileArrival;
import dev.viber.api.vm.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The API without a machine, so on any host: against the double, and against the program that CLOUD_HYPERVISOR names. */
@ParameterizedClass(name = "{0}")
@MethodSource("programs")
class CloudApiTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final CloudFiles files;

    @TempDir
    Path folder = Path.of("");

    private Process process;
    private CloudApi api;
    private Machine machine;

    CloudApiTest(Path program) {
        files = new CloudFiles(program, false);
    }

    static List<Path> programs() throws IOException {
        List<Path> all = new ArrayList<>(List.of(CloudHypervisorTest.theDouble()));
        String real = System.getenv("CLOUD_HYPERVISOR");
        if (real != null) {
            all.add(Path.of(real));
        }
        return all;
    }

    @BeforeEach
    void start() throws Exception {
        machine = new Machine(
                "api", folder, 1, 64, folder.resolve("kernel"), null, null, "", null, folder.resolve("serial"), null);
        process = new ProcessBuilder(files.process(machine)).inheritIO().start();
        assertThat(FileArrival.await(CloudFiles.apiSocket(machine), PATIENCE)).isTrue();
        api = new CloudApi(CloudFiles.apiSocket(machine), PATIENCE);
    }

    @AfterEach
    void end() throws InterruptedException {
        api.close();
        process.destroyForcibly().waitFor();
    }

    @Test
    void refusalsAreToldByTheirLastWords() throws Exception {
        assertThat(api.get("vmm.ping").path("pid").asLong(0)).isPositive();
        assertRefused(() -> api.get("vm.info"), 404, NONE);
        assertRefused(() -> api.put("vm.boot"), 404, "VM config is missing");
        assertRefused(() -> api.put("vm.pause"), 500, "VM is not running");
        assertRefused(() -> api.get("vm.counters"), 500, "VM is not running");
        assertRefused(() -> api.put("vm.create"), 400, "it gave no reason");
        assertRefused(() -> api.put("vm.boot", Map.of()), 400, "Bad Request");
        assertRefused(() -> api.get("vm.no-such-call"), 404, "Not Found");
        api.put("vm.create", files.config(machine));
        assertThat(api.get("vm.info").path("state").asString("")).isEqualTo("Created");
        assertThat(api.get("vm.info")
                        .path("config")
                        .path("payload")
                        .path("cmdline")
                        .asString(""))
                .isEqualTo("console=ttyS0");
        assertRefused(() -> api.put("vm.create", files.config(machine)), 500, "VM is already created");
        assertRefused(() -> api.put("vm.boot"), 500, "No such file or directory (os error 2)");
        api.put("vm.delete");
        api.put("vm.delete");
        assertRefused(() -> api.get("vm.info"), 404, NONE);
        api.put("vmm.shutdown");
        assertThat(process.waitFor()).isZero();
        assertThat(new EventStream(CloudFiles.events(machine)).next())
                .contains(new EventStream.Event("vmm", "starting"));
        assertThatThrownBy(() -> api.get("vmm.ping"))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(CloudRefusal.class)
                .hasMessageContaining("did not answer vmm.ping");
    }

    private static final String NONE = "VM is not created";

    @Test
    void whatIsTooLongIsNotSent() throws Exception {
        assertThatThrownBy(() -> api.put("vm.create", Map.of("x", "y".repeat(60_000))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("51200");
        // Errors of the transport hold raw line ends, and end the connection; the next call has a new one.
        assertThatThrownBy(() -> api.get("vm.info HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX: "))
                .isInstanceOf(CloudRefusal.class)
                .hasMessageContaining("All previous unanswered requests will be dropped.");
        assertThat(api.get("vmm.ping").path("pid").asLong(0)).isPositive();
    }

    @Test
    void eventsAreReadWhileTheyAreWritten() throws Exception {
        Path file = Files.writeString(folder.resolve("growing"), "{\n \"source\": \"vm\",\n \"event\": \"boo");
        EventStream stream = new EventStream(file);
        assertThat(stream.next()).isEmpty();
        Files.writeString(file, Files.readString(file) + "ted\"}\n\n{\"source\":");
        assertThat(stream.next()).containsExactly(new EventStream.Event("vm", "booted"));
        Files.writeString(file, Files.readString(file) + "\"vmm\",\"event\":\"shutdown\"}\n");
        assertThat(stream.next()).containsExactly(new EventStream.Event("vmm", "shutdown"));
        assertThat(stream.next()).isEmpty();
    }

    private interface Call {
        void make() throws IOException;
    }

    private static void assertRefused(Call call, int status, String last) {
        assertThatThrownBy(call::make)
                .isInstanceOfSatisfying(
                        CloudRefusal.class,
                        refusal -> assertThat(refusal.ends(last)).isTrue())
                .hasMessageContaining("(" + status + ")");
    }
}
