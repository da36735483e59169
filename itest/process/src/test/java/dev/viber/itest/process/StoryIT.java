package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** One trace through client, gateway, viber and tool, in frames, events and logs; the story of a task; the figures. */
class StoryIT {
    private static final String VIBER = "box";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CLIENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
    private static final Pattern SPAN = Pattern.compile("00-" + TRACE + "-([0-9a-f]{16})-01");
    private static final String PLAYBOOK = """
            name: story
            steps:
              - id: turn
                tool: example.reverse
                with: {text: abc}
              - id: keep
                tool: file.write
                needs: [turn]
                ask: may it be kept?
                with: {path: kept.txt, text: "${{ steps.turn.result.text }}"}
              - id: show
                tool: artifact
                needs: [keep]
                with: {name: kept.txt, path: kept.txt, type: text/plain}
            outputs: {span: "${{ steps.turn.result.traceparent }}"}
            """;

    @TempDir
    Path dir;

    private Cluster cluster;
    private String token;

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir);
        cluster.startGateway();
        token = cluster.issueToken(VIBER).path("token").asString();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void startViberWithTheTool() throws Exception {
        cluster.startViber(VIBER, token);
        try (ViberEvents events = new ViberEvents(cluster)) {
            int mark = events.mark();
            new Shell(cluster.viberState(VIBER)).install(Path.of(System.getProperty("example.jar")));
            events.await(mark, event -> event.data().path("tools").toString().contains("example.reverse"));
        }
    }

    @Test
    void aTraceGoesThroughAllAndAKillIsPartOfTheStory() throws Exception {
        startViberWithTheTool();
        JsonNode asked = cluster.rest()
                .send(
                        "POST",
                        "/tasks",
                        Map.of("goal", "tell a story", "viberId", VIBER, "options", Map.of("playbook", PLAYBOOK)),
                        Map.of("traceparent", CLIENT))
                .expect(201);
        String id = asked.path("id").asString();
        String task = span(asked.path("traceparent").asString());
        assertThat(task).isNotEqualTo("00f067aa0ba902b7");
        awaitPhase(id, "waiting");
        cluster.viber().kill();
        cluster.startViber(VIBER, token);
        awaitResumed(id);
        JsonNode question = cluster.rest()
                .get("/approvals?taskId=" + id)
                .expect(200)
                .path("items")
                .path(0);
        cluster.rest()
                .post("/approvals/" + question.path("id").asString(), Map.of("allow", true))
                .expect(200);
        JsonNode ended = awaitPhase(id, "completed");

        // The tool saw a span of its own, which is the one its call was told of by.
        String call = span(ended.path("result").path("outputs").path("span").asString());
        assertThat(call).isNotEqualTo(task);
        List<JsonNode> events = list(cluster.rest()
                .get("/tasks/" + id + "/events?limit=1000")
                .expect(200)
                .path("items"));
        assertThat(events.getFirst().path("traceparent").asString())
                .isEqualTo(asked.path("traceparent").asString());
        Map<String, String> calls = new LinkedHashMap<>();
        for (JsonNode event : events) {
            JsonNode inner = event.path("event");
            if (inner.path("kind").asString("").equals("tool-call")) {
                calls.put(
                        inner.path("step").asString(),
                        span(inner.path("traceparent").asString()));
            }
        }
        assertThat(calls).containsEntry("turn", call).containsOnlyKeys("turn", "keep");
        assertThat(new HashSet<>(calls.values())).hasSize(2);

        // Both logs name task, viber and trace; neither has a secret.
        for (Path state : List.of(cluster.gatewayState(), cluster.viberState(VIBER))) {
            List<JsonNode> lines = log(state);
            assertThat(lines)
                    .anySatisfy(line -> {
                        assertThat(line.path("task").asString("")).isEqualTo(id);
                        assertThat(line.path("trace").asString("")).isEqualTo(TRACE);
                        assertThat(line.path("viber").asString("")).isEqualTo(VIBER);
                        assertThat(line.path("level").asString("")).isEqualTo("info");
                    })
                    .allSatisfy(line -> assertThat(line.propertyNames()).contains("ts", "logger", "thread", "msg"));
            assertThat(lines.toString()).doesNotContain(token.substring(token.lastIndexOf('_')));
        }

        JsonNode shown = Rest.JSON.readTree(cli(Map.of(), "task", "show", id, "--json"));
        JsonNode story = shown.path("story");
        assertThat(story.path("traceId").asString()).isEqualTo(TRACE);
        assertThat(story.path("askedBy").asString()).isEqualTo("owner");
        assertThat(story.path("restarts").asInt()).isEqualTo(1);
        assertThat(story.path("reconnects").asInt()).isEqualTo(1);
        assertThat(story.path("attempts").size()).isEqualTo(1);
        assertThat(story.path("attempts").path(0).path("why").asString()).contains("asked for by name");
        assertThat(story.path("approvals").path(0).path("by").asString()).isEqualTo("owner");
        assertThat(story.path("steps").toString())
                .contains("\"step\":\"turn\",\"tool\":\"example.reverse\",\"state\":\"completed\",\"calls\":1")
                .contains("\"step\":\"keep\",\"tool\":\"file.write\",\"state\":\"completed\",\"calls\":1");
        String page = cli(Map.of(), "task", "show", id);
        assertThat(page)
                .contains("trace     " + TRACE)
                .contains("viber box was away for")
                .contains("the viber was restarted and goes on")
                .contains("allowed by owner after")
                .contains("task artifacts " + id + " --get kept.txt");
        assertThat(page.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    }

    @Test
    void aFrameCarriesTheSpanToAViberThatSaysItKnowsIt() throws Exception {
        try (RawSocket socket = new RawSocket(cluster.port())) {
            assertThat(socket.upgrade(token)).isEqualTo(101);
            String connected = "{\"type\":\"connected\",\"viber\":{\"id\":\"%s\",\"features\":[%s]}}"
                    .formatted(VIBER, "\"ack\",\"welcome\",\"traceparent\"");
            socket.send(1, connected.getBytes(StandardCharsets.UTF_8));
            assertThat(frame(socket, "welcome").has("gatewayId")).isTrue();
            String detached =
                    cli(Map.of("TRACEPARENT", CLIENT), "run", "say hello", "--viber", VIBER, "--detach", "--json");
            JsonNode task = Rest.JSON.readTree(detached);
            JsonNode submit = frame(socket, "task:submit");
            assertThat(submit.path("taskId").asString())
                    .isEqualTo(task.path("id").asString());
            assertThat(submit.path("traceparent").asString())
                    .isEqualTo(task.path("traceparent").asString());
            assertThat(span(submit.path("traceparent").asString())).isNotEqualTo("00f067aa0ba902b7");
            cluster.rest()
                    .post("/tasks/" + task.path("id").asString() + "/stop", Map.of())
                    .expect(200);
            assertThat(frame(socket, "task:stop").path("traceparent")).isEqualTo(submit.path("traceparent"));
        }
    }

    @Test
    void theFiguresAreByTheRulesAndAllOfThemAreInTheDocs() throws Exception {
        cluster.startViber(VIBER, token);
        cluster.rest().get("/tasks").expect(200);
        cluster.rest().get("/tasks/nobody").expect(404);
        String owner = Files.readString(cluster.gatewayState().resolve("owner.token"), StandardCharsets.UTF_8)
                .strip();
        assertThat(metrics("text/plain", "wrong")).isEmpty();
        String text = metrics("text/plain", owner);
        Map<String, String> rows = strictly(text);
        assertThat(text)
                .contains(
                        "viber_http_requests_total{method=\"GET\",route=\"/api/v1/tasks/{taskId}\",status=\"404\"} 1\n")
                .contains("viber_http_auth_failures_total{reason=\"invalid\"} 1\n")
                .contains("viber_gateway_sessions 1\n")
                .contains("viber_vibers{state=\"online\"} 1\n")
                .contains("viber_store_commit_changes_bucket{store=\"gateway\",le=\"+Inf\"}");
        assertThat(metrics("application/openmetrics-text; version=1.0.0", owner))
                .contains("# TYPE viber_tasks_accepted counter\nviber_tasks_accepted_total 0\n")
                .endsWith("# EOF\n");
        Path page = Path.of(System.getProperty("viber.root", "../.."), "docs", "operations.md");
        String told = Files.readString(page, StandardCharsets.UTF_8);
        String begin = "<!-- metrics: kept by StoryIT -->\n";
        String end = "<!-- end of metrics -->";
        int from = told.indexOf(begin) + begin.length();
        int to = told.indexOf(end);
        assertThat(from).isBetween(begin.length(), to);
        String table = "| name | kind | labels | what |\n| --- | --- | --- | --- |\n"
                + rows.values().stream().collect(Collectors.joining("\n")) + "\n";
        if (Boolean.getBoolean("docs.update")) {
            Files.writeString(page, told.substring(0, from) + table + told.substring(to), StandardCharsets.UTF_8);
        } else {
            assertThat(told.substring(from, to)).isEqualTo(table);
        }
    }

    /** Reads the text format of Prometheus and is strict about it; a row for the docs of each family. */
    private static Map<String, String> strictly(String text) {
        Pattern head = Pattern.compile("# (HELP|TYPE) ([a-z][a-z0-9_]*) (.+)");
        Pattern sample = Pattern.compile("([a-z][a-z0-9_]*)(?:\\{(.*)\\})? (-?[0-9.]+(?:E-?[0-9]+)?)");
        Pattern label = Pattern.compile("([a-z][a-z0-9_]*)=\"((?:[^\"\\\\\\n]|\\\\[\\\\\"n])*)\"(?:,|$)");
        Map<String, String> kinds = new LinkedHashMap<>();
        Map<String, String> helps = new LinkedHashMap<>();
        Map<String, Set<String>> labels = new TreeMap<>();
        Set<String> series = new HashSet<>();
        for (String line : text.lines().toList()) {
            Matcher said = head.matcher(line);
            if (said.matches()) {
                Map<String, String> into = said.group(1).equals("HELP") ? helps : kinds;
                assertThat(into.put(said.group(2), said.group(3)))
                        .as("once: %s", line)
                        .isNull();
                continue;
            }
            Matcher value = sample.matcher(line);
            assertThat(value.matches()).as("a sample: %s", line).isTrue();
            String family = value.group(1);
            if (!kinds.containsKey(family)) {
                family = family.replaceFirst("_(bucket|sum|count)$", "");
                assertThat(kinds).as("of a family that was told: %s", line).containsEntry(family, "histogram");
            }
            assertThat(List.copyOf(kinds.keySet()).getLast())
                    .as("families are not mixed")
                    .isEqualTo(family);
            assertThat(series.add(line.substring(0, line.lastIndexOf(' '))))
                    .as("once: %s", line)
                    .isTrue();
            Set<String> names = labels.computeIfAbsent(family, _ -> new TreeSet<>());
            Matcher each = label.matcher(value.group(2) == null ? "" : value.group(2));
            int at = 0;
            while (each.find()) {
                assertThat(each.start()).as("labels: %s", line).isEqualTo(at);
                at = each.end();
                names.add(each.group(1));
            }
            assertThat(at)
                    .as("labels: %s", line)
                    .isEqualTo(value.group(2) == null ? 0 : value.group(2).length());
        }
        assertThat(helps.keySet()).isEqualTo(kinds.keySet());
        Map<String, String> rows = new TreeMap<>();
        kinds.forEach((name, kind) -> {
            assertThat(name).matches("(viber|process|jvm)_.*").doesNotMatch(".*_(ms|millis|percent|kb|mb)(_total)?");
            assertThat(name.endsWith("_total")).as(name).isEqualTo(kind.equals("counter"));
            Set<String> shown = new TreeSet<>(labels.getOrDefault(name, Set.of()));
            shown.remove("le");
            rows.put(name, "| `%s` | %s | %s | %s |".formatted(name, kind, String.join(", ", shown), helps.get(name)));
        });
        return rows;
    }

    private String metrics(String accept, String bearer) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + cluster.port() + "/metrics"))
                    .header("Accept", accept)
                    .header("Authorization", "Bearer " + bearer)
                    .build();
            var answer = client.send(request, BodyHandlers.ofString());
            return answer.statusCode() == 200 ? answer.body() : "";
        }
    }

    private static String span(String traceparent) {
        Matcher matcher = SPAN.matcher(traceparent);
        assertThat(matcher.matches())
                .as("a span of the client's trace: %s", traceparent)
                .isTrue();
        return matcher.group(1);
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static List<JsonNode> log(Path state) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(state.resolve("logs").resolve("viber.0.log"), StandardCharsets.UTF_8)) {
            lines.add(Rest.JSON.readTree(line));
        }
        return lines;
    }

    private static JsonNode frame(RawSocket socket, String type) throws IOException {
        while (true) {
            RawSocket.Frame frame = socket.read();
            if (frame.opcode() == 1) {
                JsonNode json = Rest.JSON.readTree(frame.text());
                if (json.path("type").asString("").equals(type)) {
                    return json;
                }
            }
        }
    }

    /** Follows the task's events until it is in this phase. */
    private JsonNode awaitPhase(String id, String phase) throws Exception {
        long after = 0;
        while (true) {
            JsonNode task = cluster.rest().get("/tasks/" + id).expect(200);
            if (task.path("phase").asString().equals(phase)) {
                return task;
            }
            // Answers when there is something new, at the latest after the patience of the stream.
            after = Math.max(after, task.path("lastSeq").asLong());
            awaitEventBehind(id, after);
        }
    }

    private void awaitResumed(String id) throws Exception {
        long after = 0;
        while (true) {
            JsonNode events = cluster.rest()
                    .get("/tasks/" + id + "/events?limit=1000")
                    .expect(200)
                    .path("items");
            if (events.toString().contains("\"kind\":\"resumed\"")) {
                return;
            }
            after = Math.max(after, events.size());
            awaitEventBehind(id, after);
        }
    }

    private void awaitEventBehind(String id, long after) throws IOException, InterruptedException {
        var response = cluster.rest().stream("/tasks/" + id + "/events", Long.toString(after));
        try (var lines =
                new java.io.BufferedReader(new java.io.InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null && !line.startsWith("id: "); line = lines.readLine()) {
                assertThat(response.statusCode()).isIn(200, 204);
            }
        }
    }

    private String cli(Map<String, String> environment, String... words) throws Exception {
        Path out = Files.createTempFile(dir, "out", ".txt");
        Path err = Files.createTempFile(dir, "err", ".txt");
        List<String> command = new ArrayList<>(Daemon.viber(words));
        command.addAll(List.of(
                "--server",
                "http://127.0.0.1:" + cluster.port(),
                "--state",
                cluster.gatewayState().toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("VIBER_") || name.startsWith("VIPER_") || name.equals("TRACEPARENT"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            assertThat(process.waitFor(3, TimeUnit.MINUTES))
                    .as("%s ends", command)
                    .isTrue();
            assertThat(process.exitValue())
                    .as("%s: %s", command, Files.readString(err))
                    .isZero();
            return Files.readString(out);
        } finally {
            process.destroyForcibly();
        }
    }
}
