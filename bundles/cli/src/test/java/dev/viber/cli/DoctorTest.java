package dev.viber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.cli.Finding.State;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a doctor finds where something is amiss, and that it names what to do. */
class DoctorTest {
    @TempDir
    Path folder;

    private final TlsOptions tls = new TlsOptions();

    private Patient patient(Map<String, String> environment) {
        return new Patient(new Discovery(environment, folder, null), null, new ConnectionOptions(), "127.0.0.1:0", tls);
    }

    private static Finding only(List<Finding> findings, String name) {
        return findings.stream()
                .filter(each -> each.name().equals(name))
                .reduce((a, b) -> {
                    throw new AssertionError(a + " and " + b);
                })
                .orElseThrow(() -> new AssertionError("no " + name + " in " + findings));
    }

    private static Path open(Path file, String permissions) throws IOException {
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void nothingFailsWhereNothingRunsYet() {
        List<Finding> found =
                DoctorCommand.examine(DoctorCommand.CHECKS, patient(Map.of("VIBER_STATE", folder + "/s")));
        assertThat(found)
                .extracting(Finding::name)
                .contains("java", "port", "clock", "state folder", "disk", "tls", "server", "desktop", "seccomp");
        assertThat(found).noneMatch(each -> each.state() == State.FAIL);
        assertThat(found)
                .filteredOn(each -> each.state() == State.WARN)
                .noneMatch(each -> each.fix().isEmpty());
        assertThat(only(found, "server").state()).isEqualTo(State.SKIP);
    }

    @Test
    void whatOthersCanReadIsNamedWithItsCure() throws IOException {
        Path state = open(Files.createDirectory(folder.resolve("s")), "rwxr-xr-x");
        Path token = open(Files.writeString(state.resolve("owner.token"), "secret"), "rw-r--r--");
        Patient patient = patient(Map.of("VIBER_STATE", state.toString()));
        assertThat(only(StateChecks.folders(patient), "state folder"))
                .matches(each -> each.state() == State.WARN && each.fix().equals("chmod 700 " + state));
        assertThat(only(StateChecks.secrets(patient), "secrets"))
                .matches(each -> each.state() == State.FAIL && each.fix().startsWith("chmod 600 " + token));
        open(token, "rw-------");
        open(state, "rwx------");
        assertThat(only(StateChecks.secrets(patient), "secrets").state()).isEqualTo(State.OK);
        assertThat(only(StateChecks.disk(patient), "disk").found()).contains("fsync in");
        assertThat(state).isDirectoryNotContaining("glob:**.probe");
    }

    @Test
    void certificatesThatAreNoneFail() throws IOException {
        Patient patient = patient(Map.of());
        assertThat(only(TlsChecks.files(patient), "tls").state()).isEqualTo(State.SKIP);
        tls.certificate = Files.writeString(folder.resolve("chain.pem"), "nonsense");
        assertThat(only(TlsChecks.files(patient), "tls").found()).contains("not the other");
        tls.key = folder.resolve("none.pem");
        assertThat(only(TlsChecks.files(patient), "tls"))
                .matches(each -> each.state() == State.FAIL && each.found().contains("none.pem is not there"));
    }

    @Test
    void theWayToTheServerIsToldStepByStep() throws Exception {
        String hourAgo = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).minusHours(1));
        try (ServerSocket listening = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> answer(listening, hourAgo));
            String url = "http://127.0.0.1:" + listening.getLocalPort();
            List<Finding> found =
                    new ServerCheck().look(patient(Map.of("VIBER_SERVER", url, "VIBER_TOKEN", "vbr_x_y")));
            assertThat(only(found, "server").state()).isEqualTo(State.OK);
            assertThat(only(found, "clock skew"))
                    .matches(each -> each.state() == State.WARN && each.found().contains("ahead of"));
            assertThat(only(found, "token").found()).isEqualTo("valid, of role viewer");
        }
        String gone = "http://127.0.0.1:1";
        List<Finding> found = new ServerCheck().look(patient(Map.of("VIBER_SERVER", gone)));
        assertThat(only(found, "server"))
                .matches(each -> each.state() == State.FAIL && each.fix().contains("viber up"));
    }

    private static void answer(ServerSocket listening, String date) {
        while (true) {
            try (Socket socket = listening.accept();
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
                String line = in.readLine();
                if (line == null) {
                    continue;
                }
                boolean health = line.contains("/healthz");
                while (!in.readLine().isEmpty()) {
                    // the headers are of no interest
                }
                String body = health
                        ? "{}"
                        : "{\"type\":\"urn:viber:problem:forbidden\",\"detail\":\"The token's role is viewer; wanted one of [owner]\"}";
                String answer = "HTTP/1.1 %s\r\nDate: %s\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                        .formatted(health ? "200 OK" : "403 Forbidden", date, body.length(), body);
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                return; // the test is over
            }
        }
    }

    @Test
    void aCheckThatBreaksIsAFindingAndFailuresAreTheExitCode() {
        StringWriter said = new StringWriter();
        Output output = new Output(new PrintWriter(said), new PrintWriter(said), true);
        List<Finding> broken = DoctorCommand.examine(
                List.of(_ -> {
                    throw new IllegalStateException("odd");
                }),
                patient(Map.of()));
        assertThat(broken).singleElement().matches(each -> each.state() == State.WARN);
        assertThat(DoctorCommand.report(broken, output)).isEqualTo(Exit.DONE);
        assertThat(Json.object(said.toString())).containsOnlyKeys("name", "state", "found", "fix");
        List<Finding> failed = List.of(Finding.fail("disk", "full", "make room"));
        assertThat(DoctorCommand.report(failed, output)).isEqualTo(Exit.FAILED);
    }
}
