package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Commands about VMs as processes of their own, with guests that stand in a moment. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class VmCommandsIT {
    private static final int ESCAPE = 0x1d;

    @TempDir
    Path dir;

    private Machines machines;
    private Cluster cluster;

    @BeforeEach
    void start() throws Exception {
        machines = new Machines(dir, Probe.images(dir));
        cluster = machines.cluster().with("VIBER_SUPERVISOR_STOP_MS", "700");
        cluster.startGateway();
    }

    @AfterEach
    void stop() throws Exception {
        machines.close();
    }

    /** Until so many follow events: what happens before that is not told to those who begin with what comes. */
    private void awaitReaders(int count) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + cluster.port() + "/metrics"))
                    .header("Authorization", "Bearer " + machines.token())
                    .build();
            assertThat(Patience.until(
                            () -> client.send(request, BodyHandlers.ofString()).body(),
                            text -> text.contains("viber_event_readers " + count)))
                    .contains("viber_event_readers " + count);
        }
    }

    @Test
    void whatCrashesComesUpAgainAndWhoWatchesIsTold() throws Exception {
        List<String> here = List.of(
                "--server", cluster.api(), "--state", cluster.gatewayState().toString());
        List<String> tail = new ArrayList<>(List.of("events", "tail", "--topic", "vm/again", "--json"));
        tail.addAll(here);
        List<String> watch = new ArrayList<>(List.of("vms", "watch"));
        watch.addAll(here);
        Process watching = new ProcessBuilder(Daemon.viber(watch.toArray(String[]::new))).start();
        try (Daemon tailing = Daemon.start("tail", Daemon.viber(tail.toArray(String[]::new)), Map.of());
                BufferedReader watched =
                        new BufferedReader(new InputStreamReader(watching.getInputStream(), StandardCharsets.UTF_8))) {
            awaitReaders(2);
            machines.vms("create", "again", "--cpu", "1", "--memory", "64", "--restart", "on-failure");
            machines.vms("create", "never", "--cpu", "1", "--memory", "64");
            long first = machines.vm("again").path("pid").asLong();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            List<String> kinds = new ArrayList<>();
            JsonNode last = null;
            while (kinds.size() < 6) {
                last = tailing.line();
                assertThat(last.path("subject").asString()).isEqualTo("vm/again");
                kinds.add(last.path("type").asString().replace("dev.viber.vm.", ""));
            }
            assertThat(kinds).containsExactly("created", "starting", "running", "crashed", "starting", "running");
            long second = machines.vm("again").path("pid").asLong();
            assertThat(second)
                    .isNotEqualTo(first)
                    .isEqualTo(last.path("data").path("pid").asLong());

            ProcessHandle.of(machines.vm("never").path("pid").asLong())
                    .orElseThrow()
                    .destroyForcibly();
            assertThat(machines.await("never", "crashed").path("error").asString())
                    .contains("its process ended");

            // The second crash in a row waits twice as long, and is got over, too.
            ProcessHandle.of(second).orElseThrow().destroyForcibly();
            while (kinds.size() < 9) {
                kinds.add(tailing.line().path("type").asString().replace("dev.viber.vm.", ""));
            }
            assertThat(kinds.subList(6, 9)).containsExactly("crashed", "starting", "running");
            assertThat(machines.vm("never").path("phase").asString()).isEqualTo("crashed");

            List<String> lines = new ArrayList<>();
            while (lines.stream().noneMatch(line -> line.contains("\tdev.viber.vm.crashed\tvm/never\t"))) {
                String line = watched.readLine();
                assertThat(line).isNotNull();
                lines.add(line);
            }
            assertThat(lines.getFirst()).matches("20\\S+Z\tdev\\.viber\\.vm\\.created\tvm/again\t");
            assertThat(lines)
                    .anyMatch(line -> line.matches("\\S+\tdev\\.viber\\.vm\\.crashed\tvm/again\tits process ended.*"));
        } finally {
            watching.destroyForcibly();
        }
    }

    @Test
    void oneKeyMakesOneVm() throws Exception {
        Map<String, Object> spec = Map.of("name", "once", "cpu_cores", 1, "memory_mb", 64);
        Map<String, String> key = Map.of("Idempotency-Key", "k-1");
        List<Rest.Answer> answers;
        try (var all = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var asked = IntStream.range(0, 5)
                    .mapToObj(i -> all.submit(() -> cluster.rest().send("POST", "/vms", spec, key)))
                    .toList();
            answers = new ArrayList<>();
            for (var each : asked) {
                answers.add(each.get());
            }
        }
        assertThat(answers.stream().map(Rest.Answer::status).sorted().toList())
                .containsExactly(200, 200, 200, 200, 201);
        assertThat(answers.stream().map(each -> each.body().path("id").asLong()).collect(Collectors.toSet()))
                .hasSize(1);
        long id = answers.getFirst().body().path("id").asLong();
        assertThat(cluster.rest().post("/vms", spec).status())
                .as("without the key")
                .isEqualTo(409);
        Map<String, Object> other = Map.of("name", "twice", "cpu_cores", 1, "memory_mb", 64);
        assertThat(cluster.rest()
                        .send("POST", "/vms", other, key)
                        .expect(409)
                        .path("error")
                        .asString())
                .contains("'k-1' was used for another VM, once");
        assertThat(machines.all()).hasSize(1);

        cluster.killGateway();
        cluster.startGateway();
        machines.turn("once", "stop");
        JsonNode then = cluster.rest().send("POST", "/vms", spec, key).expect(200);
        assertThat(then.path("id").asLong()).isEqualTo(id);
        assertThat(then.path("phase").asString()).as("as it stands then").isEqualTo("stopped");

        machines.delete("once").expect(204);
        assertThat(cluster.rest()
                        .send("POST", "/vms", spec, key)
                        .expect(201)
                        .path("id")
                        .asLong())
                .isNotEqualTo(id);
    }

    /** {@code viper vms console}, whose terminal is two pipes. */
    private Process console(String name, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("vms", "console", name));
        words.addAll(List.of(more));
        words.addAll(List.of(
                "--server", cluster.api(), "--state", cluster.gatewayState().toString()));
        return new ProcessBuilder(Daemon.viber(words.toArray(String[]::new)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static void type(Process console, String text) throws IOException {
        OutputStream in = console.getOutputStream();
        in.write(text.getBytes(StandardCharsets.US_ASCII));
        in.flush();
    }

    private static void await(Process console, String text) throws Exception {
        InputStream out = console.getInputStream();
        StringBuilder seen = new StringBuilder();
        while (seen.indexOf(text) < 0) {
            // Asked first: a read of a pipe is not interrupted by the test's time limit.
            assertThat(Patience.until(out::available, count -> count > 0 || !console.isAlive()))
                    .as("%d characters, in the %d that came", text.length(), seen.length())
                    .isPositive();
            seen.append((char) out.read());
        }
    }

    private static int exit(Process console) throws InterruptedException {
        assertThat(console.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        return console.exitValue();
    }

    @Test
    void theConsoleTakesWhatIsTypedAndOutlivesTheServer() throws Exception {
        machines.vms("create", "echo", "--cpu", "1", "--memory", "64", "--kernel-cmdline", "do=echo");
        Process first = console("echo");
        await(first, "ready");
        type(first, "to the guest\u0003;");
        await(first, "to the guest\u0003;");
        Process looking = console("echo", "--read-only");
        await(looking, "to the guest");
        assertThat(first.isAlive()).isTrue();

        Process second = console("echo");
        await(second, "to the guest\u0003;");
        assertThat(exit(first)).as("who opens it last types").isEqualTo(1);
        type(second, "again;");
        await(second, "again;");
        await(looking, "again;");
        assertThat(machines.vms("logs", "echo")).contains("ready\nto the guest\u0003;again;");

        cluster.killGateway();
        assertThat(exit(second)).isEqualTo(3);
        cluster.startGateway();
        Process third = console("echo");
        await(third, "again;");
        type(third, "and now;");
        await(third, "and now;");
        // More than the guest has read when the console is left, and its answers wait to be read there.
        String much = "not lost ".repeat(3000);
        type(third, much + (char) ESCAPE + "never typed");
        assertThat(exit(third)).isZero();

        Process lookingAgain = console("echo", "--read-only");
        await(lookingAgain, "and now;" + much);
        assertThat(machines.vms("logs", "echo")).contains(much).doesNotContain("never typed");

        Process fourth = console("echo");
        await(fourth, "and now;");
        machines.delete("echo").expect(204);
        assertThat(exit(fourth)).as("its machine is gone").isEqualTo(1);
        assertThat(exit(console("echo"))).isEqualTo(1);
        looking.destroyForcibly();
        lookingAgain.destroyForcibly();
    }

    @Test
    void theConsoleIsForThoseWhoMayAndEndsWithTheirToken() throws Exception {
        machines.vms("create", "echo", "--cpu", "1", "--memory", "64", "--kernel-cmdline", "do=echo");
        JsonNode token =
                cluster.rest().post("/tokens", Map.of("role", "operator")).expect(201);
        try (HttpClient client = HttpClient.newHttpClient()) {
            FirstViper.Socket socket = new FirstViper.Socket();
            client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + token.path("token").asString())
                    .buildAsync(URI.create(cluster.api().replaceFirst("^http", "ws") + "/vms/echo/console"), socket)
                    .join();
            assertThat(socket.next()).isEqualTo("{\"input\":true}");
            cluster.rest()
                    .send("DELETE", "/tokens/" + token.path("id").asString(), null, Map.of())
                    .expect(204);
            assertThat(socket.next()).isEqualTo("closed 4401");
        }
        List<String> told = new ArrayList<>();
        cluster.rest()
                .get("/audit?limit=100")
                .expect(200)
                .path("items")
                .forEach(deed -> told.add("%s %s from %s"
                        .formatted(
                                deed.path("action").asString(),
                                deed.path("target").asString(),
                                deed.path("address").asString())));
        assertThat(told).contains("vmConsole echo from 127.0.0.1");
    }
}
