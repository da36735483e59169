package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Questions, the answers remembered, and budgets, over kills of either side. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ApprovalsIT {
    private static final String VIBER = "viber-asking";
    private static final Map<String, Object> ASKS_BEFORE_APPENDING =
            Map.of("tool", "file.write", "with", Map.of("mode", "append"), "effect", "ask", "reason", "it adds");
    private static final String APPENDS = """
            name: appends
            inputs: {file: {type: string}}
            steps:
              - {id: one, tool: file.write, with: {path: "${{ inputs.file }}", text: "1", mode: append}}
              - {id: two, tool: file.write, needs: [one], with: {path: "${{ inputs.file }}", text: "2", mode: append}}
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
        cluster.startViber(VIBER, token);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private void policy(Map<String, Object> policy) throws Exception {
        String before = viber().path("configDigest").asString("");
        cluster.rest()
                .send("PATCH", "/vibers/" + VIBER, Map.of("config", Map.of("policy", policy)), Map.of())
                .expect(200);
        JsonNode after = Patience.until(
                this::viber, viber -> !viber.path("configDigest").asString("").equals(before));
        assertThat(after.path("configError").asString("")).isEmpty();
    }

    private JsonNode viber() throws Exception {
        return cluster.rest().get("/vibers/" + VIBER).expect(200);
    }

    private Sse submit(String playbook, Map<String, Object> inputs, Map<String, Object> budget) throws Exception {
        return new Sse(cluster.rest()
                .post(
                        "/tasks",
                        Map.of(
                                "goal",
                                "try",
                                "viberId",
                                VIBER,
                                "options",
                                Map.of("playbook", playbook, "inputs", inputs, "budget", budget)))
                .expect(201)
                .path("id")
                .asString());
    }

    private void killBoth() throws Exception {
        cluster.viber().kill();
        cluster.killGateway();
        cluster.startGateway();
        cluster.startViber(VIBER, token);
    }

    private JsonNode open(Sse task) throws Exception {
        JsonNode approvals = cluster.rest()
                .get("/approvals?taskId=" + task.taskId())
                .expect(200)
                .path("items");
        return approvals
                .valueStream()
                .filter(each -> each.path("state").asString().equals("open"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no open question: " + approvals));
    }

    private void decide(JsonNode approval, Map<String, Object> decision) throws Exception {
        cluster.rest()
                .post("/approvals/" + approval.path("id").asString(), decision)
                .expect(200);
    }

    private static boolean isWaiting(Sse.Event event) {
        return event.kind().equals("waiting");
    }

    private String written(String file) throws Exception {
        Path path = cluster.workspace().resolve(file);
        return Files.exists(path) ? Files.readString(path) : "";
    }

    @Test
    void aQuestionOutlivesBothSidesAndItsAnswerIsRememberedAsFarAsIsSaid() throws Exception {
        policy(Map.of("rules", List.of(ASKS_BEFORE_APPENDING)));
        Sse first = submit(APPENDS, Map.of("file", "a.txt"), Map.of());
        first.await(cluster.rest(), ApprovalsIT::isWaiting);
        assertThat(written("a.txt")).isEmpty();
        killBoth();
        JsonNode question = open(first);
        assertThat(question.path("tool").asString()).isEqualTo("file.write");
        assertThat(question.path("reason").asString()).isEqualTo("it adds");
        assertThat(question.path("arguments").path("text").asString()).isEqualTo("1");
        assertThat(cluster.rest()
                        .get("/tasks/" + first.taskId())
                        .expect(200)
                        .path("phase")
                        .asString())
                .isEqualTo("waiting");

        // The answer is taken in while the viber is away, and the gateway dies before the viber is back.
        cluster.viber().kill();
        decide(question, Map.of("allow", true, "remember", "task"));
        cluster.killGateway();
        cluster.startGateway();
        cluster.startViber(VIBER, token);
        first.followToEnd(cluster, event -> {});
        assertThat(first.events().getLast().kind()).as("%s", first.events()).isEqualTo("completed");
        assertThat(written("a.txt"))
                .as("each once; the second was not asked about")
                .isEqualTo("12");
        assertThat(first.events().stream().filter(ApprovalsIT::isWaiting)).hasSize(1);

        Sse second = submit(APPENDS, Map.of("file", "b.txt"), Map.of());
        second.await(cluster.rest(), ApprovalsIT::isWaiting);
        decide(open(second), Map.of("allow", false, "remember", "viber"));
        second.followToEnd(cluster, event -> {});
        assertThat(second.events().getLast().data().path("error").asString()).contains("it adds; denied by");

        cluster.viber().kill();
        cluster.startViber(VIBER, token);
        Sse third = submit(APPENDS, Map.of("file", "c.txt"), Map.of());
        third.followToEnd(cluster, event -> {});
        assertThat(third.events().getLast().data().path("error").asString())
                .contains("it adds; denied, as was remembered");
        assertThat(written("b.txt") + written("c.txt")).isEmpty();

        JsonNode kept = remembered();
        assertThat(kept.path("allow").asBoolean(true)).isFalse();
        Daemon forget =
                cli("approvals", "remembered", "--forget", kept.path("id").asString());
        assertThat(forget.line().path("forgotten")).isEqualTo(kept.path("id"));
        Sse fourth = submit(APPENDS, Map.of("file", "d.txt"), Map.of());
        fourth.await(cluster.rest(), ApprovalsIT::isWaiting);
        decide(open(fourth), Map.of("allow", true, "remember", "viber"));
        fourth.followToEnd(cluster, event -> {});
        assertThat(written("d.txt")).isEqualTo("12");
    }

    private Daemon cli(String... words) throws Exception {
        List<String> command = new java.util.ArrayList<>(Daemon.viber(words));
        command.addAll(List.of("--json", "--state", cluster.viberState(VIBER).toString()));
        return Daemon.start("cli", command, Map.of());
    }

    private JsonNode remembered() throws Exception {
        return cli("approvals", "remembered").line();
    }

    @Test
    void aQuestionNobodyAnswersIsSettledWhenItsTimeIsOverThoughTheViberWasDead() throws Exception {
        policy(Map.of(
                "rules", List.of(ASKS_BEFORE_APPENDING), "approval", Map.of("timeout", "3s", "onTimeout", "deny")));
        Sse task = submit(APPENDS, Map.of("file", "a.txt"), Map.of());
        task.await(cluster.rest(), ApprovalsIT::isWaiting);
        killBoth();
        task.followToEnd(cluster, event -> {});
        assertThat(task.events().getLast().data().path("error").asString())
                .as("%s", task.events())
                .contains("it adds; denied by time-out");
        JsonNode asked = cluster.rest()
                .get("/approvals?taskId=" + task.taskId())
                .expect(200)
                .path("items")
                .path(0);
        assertThat(asked.path("state").asString()).isEqualTo("denied");
        assertThat(asked.path("by").asString()).isEqualTo("time-out");
        assertThat(written("a.txt")).isEmpty();
    }

    @Test
    void aRuleDeniesByPathWhateverTheTaskSays() throws Exception {
        policy(Map.of(
                "rules",
                List.of(Map.of("tool", "file.*", "path", "secret/**", "effect", "deny", "reason", "not yours"))));
        Files.createDirectories(cluster.workspace().resolve("secret"));
        Files.writeString(cluster.workspace().resolve("secret/key"), "k");
        Files.createSymbolicLink(cluster.workspace().resolve("alias"), Path.of("secret/key"));
        for (String path : List.of("secret/key", "alias", "x/../secret/key", "secret")) {
            Sse task = submit(
                    "name: read\nsteps: [{id: read, tool: file.stat, with: {path: '%s'}}]".formatted(path),
                    Map.of(),
                    Map.of());
            task.followToEnd(cluster, event -> {});
            assertThat(task.events().getLast().data().path("error").asString())
                    .as(path)
                    .contains("the policy denies this call of file.stat: not yours");
        }
    }

    @Test
    void aBudgetIsCountedOnOverAKill() throws Exception {
        String playbook = """
                name: many
                steps:
                  - {id: a, tool: file.write, with: {path: a, text: ""}}
                  - {id: b, tool: file.write, needs: [a], with: {path: b, text: ""}}
                  - {id: nap, tool: wait, needs: [b], with: {for: 3s}}
                  - {id: c, tool: file.write, needs: [nap], with: {path: c, text: ""}}
                  - {id: d, tool: file.write, needs: [c], with: {path: d, text: ""}}
                """;
        Sse task = submit(playbook, Map.of(), Map.of("toolCalls", 3));
        task.await(
                cluster.rest(),
                event -> event.data().path("event").path("step").asString("").equals("nap"));
        killBoth();
        task.followToEnd(cluster, event -> {});
        JsonNode end = task.events().getLast().data();
        assertThat(end.path("kind").asString()).as("%s", task.events()).isEqualTo("error");
        assertThat(end.path("error").asString()).contains("out of budget").contains("the limit of toolCalls is 3");
        assertThat(end.path("budget").asString()).isEqualTo("toolCalls");
        assertThat(cluster.workspace().resolve("c")).exists();
        assertThat(cluster.workspace().resolve("d")).doesNotExist();
        JsonNode usage =
                cluster.rest().get("/tasks/" + task.taskId()).expect(200).path("usage");
        assertThat(usage.path("toolCalls").asLong()).isEqualTo(3);
        assertThat(usage.path("budget").path("toolCalls").asLong()).isEqualTo(3);

        Path file = dir.resolve("nap.yaml");
        Files.writeString(file, "name: nap\nsteps: [{id: nap, tool: wait, with: {for: 1h}}]");
        Daemon run = cli("run", "-f", file.toString(), "--budget", "wall=1s");
        assertThat(run.awaitExit()).as("out of budget").isEqualTo(7);
    }
}
