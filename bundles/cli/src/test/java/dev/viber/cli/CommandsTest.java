package dev.viber.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Arguments, outputs and exit codes against an HTTP server that answers as told. */
class CommandsTest {
    private static final String TASK = "{\"id\":\"t1\",\"goal\":\"g\",\"status\":\"%s\",\"phase\":\"%s\",\"attempt\":1,"
            + "\"createdAt\":\"2026-01-01T00:00:00Z\",\"artifacts\":[],\"lastSeq\":1}";

    @TempDir
    Path folder;

    private record Answer(int status, String type, String body) {}

    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String key =
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
            asked.add(key + " " + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            Answer answer = answers.getOrDefault(key, new Answer(404, "application/json", "{}"));
            exchange.getResponseHeaders().set("Content-Type", answer.type());
            byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private void json(String key, int status, String body) {
        answers.put(key, new Answer(status, "application/json", body));
    }

    private void events(String... events) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < events.length; i++) {
            String kind = String.valueOf(Json.object(events[i]).get("kind"));
            text.append("id: %d\nevent: %s\ndata: %s\n\n".formatted(i + 1, kind, events[i]));
        }
        json("POST /api/v1/tasks", 201, TASK.formatted("pending", "queued"));
        answers.put("GET /api/v1/tasks/t1/events", new Answer(200, "text/event-stream", text.toString()));
    }

    private int run(String... words) {
        CommandLine line = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return line.execute(words);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private int runToTheEnd(String... events) {
        ended(events);
        return run("run", "do it", "--server", url(), "--state", folder.toString());
    }

    /** As a stream that ended: what comes after the last event is 204. */
    private void ended(String... events) {
        events(events);
        answers.computeIfPresent("GET /api/v1/tasks/t1/events", (_, first) -> {
            server.removeContext("/");
            server.createContext("/", exchange -> {
                if (exchange.getRequestHeaders().containsKey("Last-Event-ID")) {
                    try (exchange) {
                        exchange.sendResponseHeaders(204, -1);
                    }
                } else {
                    answer(exchange);
                }
            });
            return first;
        });
    }

    @Test
    void aCompletedTaskShowsItsStepsAndOutputs() {
        int code = runToTheEnd(
                "{\"kind\":\"queued\",\"seq\":1}",
                "{\"kind\":\"progress\",\"seq\":2,\"event\":{\"kind\":\"step\",\"step\":\"find\",\"state\":\"completed\",\"attempt\":1}}",
                "{\"kind\":\"progress\",\"seq\":3,\"event\":{\"kind\":\"log\",\"level\":\"info\",\"message\":\"3 left\"}}",
                "{\"kind\":\"completed\",\"seq\":4,\"result\":{\"summary\":\"done\",\"outputs\":{\"count\":3}}}");

        assertThat(code).isEqualTo(Exit.DONE);
        assertThat(out.toString()).contains("find completed", "3 left", "completed: done", "count: 3");
        assertThat(asked.getFirst()).contains("\"goal\":\"do it\"");
    }

    @Test
    void howATaskEndedIsTheExitCode() {
        assertThat(runToTheEnd("{\"kind\":\"error\",\"seq\":1,\"error\":\"no disk\"}"))
                .isEqualTo(Exit.FAILED);
        assertThat(err.toString()).contains("viber: the task failed: no disk");
        assertThat(runToTheEnd("{\"kind\":\"stopped\",\"seq\":1}")).isEqualTo(Exit.STOPPED);
        assertThat(runToTheEnd("{\"kind\":\"error\",\"seq\":1,\"error\":\"deadline\",\"dead\":true}"))
                .isEqualTo(Exit.OUT_OF_TIME);
    }

    @Test
    void aPlaybookThatIsNotSoundIsShownWithLineAndColumn() throws IOException {
        Path playbook = Files.writeString(folder.resolve("p.yaml"), "steps: []\n");
        json(
                "POST /api/v1/tasks",
                422,
                "{\"type\":\"urn:viber:problem:invalid\",\"detail\":\"not sound\",\"findings\":["
                        + "{\"line\":5,\"column\":13,\"pointer\":\"/steps/0\",\"message\":\"there is no step 'nope'\"}]}");

        int code = run("run", "-f", playbook.toString(), "-i", "a=1", "--server", url(), "--detach");

        assertThat(code).isEqualTo(Exit.USAGE);
        assertThat(err.toString())
                .contains("viber:   5:13: there is no step 'nope'")
                .doesNotContain("\tat ");
        assertThat(asked.getFirst()).contains("\"playbook\":\"steps: []\\n\"", "\"inputs\":{\"a\":\"1\"}");
    }

    @Test
    void whatIsWrongWithARequestIsShownByItsMember() {
        json(
                "POST /api/v1/vms",
                422,
                "{\"type\":\"urn:viber:problem:invalid\",\"detail\":\"/name is bad (and 1 more)\",\"findings\":["
                        + "{\"pointer\":\"/name\",\"message\":\"is 'a b'; wanted what fits [a-z]\"},"
                        + "{\"pointer\":\"/egress/0\",\"message\":\"is no network\"}]}");

        assertThat(run("vms", "create", "a b", "--server", url())).isEqualTo(Exit.USAGE);
        assertThat(err.toString().lines())
                .containsExactly("viber: name is 'a b'; wanted what fits [a-z]", "viber: egress.0 is no network");
    }

    @Test
    void refusalsHaveTheirOwnExitCode() {
        json("GET /api/v1/tasks/t1", 401, "{\"type\":\"urn:viber:problem:unauthorized\",\"detail\":\"no token\"}");
        assertThat(run("task", "show", "t1", "--server", url())).isEqualTo(Exit.NOT_ALLOWED);
        json("DELETE /api/v1/tokens/k1", 403, "{\"type\":\"urn:viber:problem:forbidden\",\"detail\":\"owners only\"}");
        assertThat(run("token", "revoke", "k1", "--server", url())).isEqualTo(Exit.NOT_ALLOWED);
        json(
                "GET /api/v1/vibers/v",
                404,
                "{\"type\":\"urn:viber:problem:not-found\",\"detail\":\"There is no viber 'v'\"}");
        assertThat(run("vibers", "show", "v", "--server", url())).isEqualTo(Exit.FAILED);
        assertThat(err.toString())
                .contains("viber: no token", "viber: owners only", "viber: There is no viber 'v'")
                .doesNotContain("Exception");
    }

    @Test
    void noServerIsThree() {
        String gone = url();
        server.stop(0);
        assertThat(run("task", "list", "--server", gone)).isEqualTo(Exit.NO_SERVER);
        assertThat(run("status", "--state", folder.toString())).isEqualTo(Exit.NO_SERVER);
        assertThat(err.toString()).contains("viber: no answer from " + gone, "viber: nothing runs here");
    }

    @Test
    void whatIsNoAnswerOfAServerOfOursIsSaidInOneLine() {
        for (String body : List.of("{\"items\":[{\"id\":", "<html>not found</html>", "[]")) {
            json("GET /api/v1/tasks", 200, body);
            err.getBuffer().setLength(0);
            assertThat(run("task", "list", "--server", url())).as(body).isEqualTo(Exit.NO_SERVER);
            assertThat(err.toString().lines())
                    .as(body)
                    .singleElement()
                    .asString()
                    .contains("no answer of a Viber server")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void aPluginOfAViberThatIsAwayIsNotSaidToBeGone() {
        answers.put("DELETE /api/v1/plugins/p@box", new Answer(202, "application/json", ""));
        assertThat(run("plugin", "remove", "p@box", "--server", url())).isZero();
        assertThat(out.toString()).contains("plugin p@box will be removed");
        answers.put("DELETE /api/v1/plugins/p@box", new Answer(204, "application/json", ""));
        assertThat(run("plugin", "remove", "p@box", "--server", url(), "--json"))
                .isZero();
        assertThat(out.toString()).contains("\"removed\":true");
    }

    @Test
    void waitingTellsTheEndAlone() {
        ended(
                "{\"kind\":\"queued\",\"seq\":1}",
                "{\"kind\":\"progress\",\"seq\":2,\"event\":{\"kind\":\"plan\",\"name\":\"p\",\"steps\":[{},{}]}}",
                "{\"kind\":\"progress\",\"seq\":3,\"event\":{\"kind\":\"step\",\"step\":\"find\",\"state\":\"completed\"}}",
                "{\"kind\":\"stopped\",\"seq\":4}");
        json("GET /api/v1/tasks/t1", 200, TASK.formatted("stopped", "stopped"));
        assertThat(run("task", "wait", "t1", "--server", url())).isEqualTo(Exit.STOPPED);
        assertThat(out.toString()).isEqualToIgnoringNewLines("task t1 stopped");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void wrongUsageIsTwo() {
        assertThat(run("run")).isEqualTo(Exit.USAGE);
        assertThat(run("run", "x", "--timeout", "soon")).isEqualTo(Exit.USAGE);
        assertThat(run("task", "dead", "prune", "--server", url())).isEqualTo(Exit.USAGE);
        assertThat(run("dance")).isEqualTo(Exit.USAGE);
        assertThat(err.toString().lines()).anyMatch(line -> line.startsWith("viber: nothing to run"));
        assertThat(asked).isEmpty();
    }

    @Test
    void listsAreTablesForPeopleAndObjectsForScripts() {
        json("GET /api/v1/tasks", 200, "{\"items\":[" + TASK.formatted("running", "waiting") + "]}");
        assertThat(run("task", "list", "--server", url())).isZero();
        assertThat(out.toString().lines()).hasSize(2).anyMatch(line -> line.matches("t1 +running +waiting +- .*"));

        out.getBuffer().setLength(0);
        assertThat(run("task", "list", "--server", url(), "--json")).isZero();
        assertThat(Json.object(out.toString())).containsEntry("id", "t1").containsEntry("phase", "waiting");
    }

    @Test
    void theFirstTaskWritesNothing() throws IOException {
        assertThat(FirstTask.playbook().lines().filter(line -> line.contains("tool:")))
                .allMatch(line -> line.strip().matches("tool: (file\\.(list|glob|read)|log)"));
    }
}
