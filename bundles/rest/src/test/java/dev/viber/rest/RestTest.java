package dev.viber.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.metric.Metric;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.DecisionRequest;
import dev.viber.api.rest.MessageRequest;
import dev.viber.api.rest.TaskRequest;
import dev.viber.api.rest.TokenRequest;
import dev.viber.api.rest.ViberChange;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskMessage;
import dev.viber.client.UnreachableException;
import dev.viber.client.ViberClient;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class RestTest {
    private static final String[] JSON = {"Content-Type", "application/json"};

    private RestServer server;
    private ViberClient client;

    @BeforeEach
    void start() throws Exception {
        server = new RestServer(Map.of("max_body_bytes", 4096));
        client = server.client();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static TaskRequest goal(String goal) {
        return new TaskRequest(goal, null, null);
    }

    @Test
    void aTaskIsTakenInOnceForEachKey() throws Exception {
        String body = "{\"goal\":\"count\",\"options\":{\"x-mine\":[1.10,12345678901234567890],\"mode\":\"plan\"}}";
        HttpResponse<String> first = server.send(
                "POST",
                "/api/v1/tasks",
                body,
                "Content-Type",
                "application/json; charset=utf-8",
                "Idempotency-Key",
                "k1");
        HttpResponse<String> again =
                server.send("POST", "/api/v1/tasks", body, "Content-Type", "application/json", "Idempotency-Key", "k1");

        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(first.headers().firstValue("Location")).contains("/api/v1/tasks/t1");
        assertThat(again.statusCode()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(first.body())
                .startsWith("{\"id\":\"t1\",\"goal\":\"count\",\"viberId\":null,\"status\":\"pending\",");
        assertThat(Objects.requireNonNull(server.memory.lastSubmission).options())
                .containsEntry("mode", "plan")
                .containsEntry(
                        "x-mine", List.of(new BigDecimal("1.10"), new java.math.BigInteger("12345678901234567890")));
    }

    @Test
    void whatAPostDoesIsDoneOnceForEachKey() throws Exception {
        Task task = client.submit(goal("a"), null);
        String[] keyed = {"Content-Type", "application/json", "Idempotency-Key", "k1"};
        String path = "/api/v1/tasks/" + task.id() + "/messages";
        server.send("POST", path, "{\"message\":\"hurry\"}", keyed);
        server.send("POST", path, "{\"message\":\"hurry\"}", keyed);
        assertThat(client.task(task.id()).lastSeq()).isEqualTo(2);
        server.send("POST", path, "{\"message\":\"hurry\"}", JSON);
        assertThat(client.task(task.id()).lastSeq()).isEqualTo(3);
        assertThat(server.send("POST", path, "{\"message\":\"hurry\"}", "Idempotency-Key", "a b")
                        .statusCode())
                .isEqualTo(422);

        HttpResponse<String> first = server.send("POST", "/api/v1/vibers/box/tokens", "{}", keyed);
        HttpResponse<String> again = server.send("POST", "/api/v1/vibers/box/tokens", "{}", keyed);
        assertThat(first.statusCode()).isEqualTo(201);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(client.tokens("box", Map.of()).items()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "POST|/tasks|{\"goal\":1}|422|invalid|/goal",
                "POST|/tasks|{\"goal\":\" \"}|422|invalid|/goal is ' '; wanted a text that is not blank",
                "POST|/tasks|{}|422|invalid|/goal is not there",
                "POST|/tasks|{\"goal\":\"a\",\"gaol\":1}|422|invalid|/gaol is not known",
                "POST|/tasks|{\"goal\":\"a\",\"options\":{\"deadline\":5}}|422|invalid|/options/deadline",
                "POST|/tasks|{\"goal\":\"a\",\"options\":{\"deadline\":\"soon\"}}|422|invalid|/options/deadline",
                "POST|/tasks|{\"goal\":\"a\",\"viberId\":\"../x\"}|422|invalid|/viberId is '../x'; wanted 1 to 64 letters",
                "POST|/tasks|[1]|422|invalid|The body",
                "POST|/tasks|{\"goal\":\"fail\"}|422|invalid|steps is missing",
                "POST|/tasks|{\"goal\":|400|malformed|line 1, column",
                "POST|/tasks|{\"goal\":\"g\"|400|malformed|expected close marker for Object",
                "POST|/tasks/t1/messages|{\"message\":\"m\",\"mode\":\"x\"}|422|invalid|/mode is 'x'; wanted one of steer, followup, collect",
                "POST|/tasks|{\"goal\":\"a\",\"goal\":\"b\"}|400|malformed|line 1, column",
                "POST|/tasks|{\"goal\":\"a\"} x|400|malformed|line 1, column",
                "GET|/tasks?limit=0||422|invalid|limit is '0'; wanted a number from 1 to 1000",
                "GET|/tasks?limit=x||422|invalid|limit is 'x'",
                "GET|/tasks?limit=1&limit=2||422|invalid|limit is there 2 times",
                "GET|/tasks?status=gone||422|invalid|wanted one of pending, running, completed, error, stopped",
                "GET|/tasks/nope||404|not-found|There is no task 'nope'",
                "GET|/tasks/nope/events||404|not-found|There is no task 'nope'",
                "GET|/nothing||404|not-found|There is nothing at /api/v1/nothing",
                "PATCH|/tasks|{}|405|method-not-allowed|wanted GET, HEAD, POST",
                "POST|/vibers/-x/tokens|{}|422|invalid|viberId is '-x'; wanted 1 to 64 letters",
                "POST|/vibers/x/tokens|{\"expiresIn\":\"soon\"}|422|invalid|/expiresIn is 'soon'; wanted seconds, a text such as 12h",
                "POST|/vibers/x/tokens|{\"expiresIn\":0}|422|invalid|/expiresIn",
                "PATCH|/vibers/x|{\"config\":{\"capcity\":1}}|422|invalid|/config/capcity is not known",
                "PATCH|/vibers/x|{\"config\":{\"capacity\":-2}}|422|invalid|/config/capacity",
                "PATCH|/vibers/x|{\"config\":{\"logLevel\":\"LOUD\"}}|422|invalid|/config/logLevel is 'LOUD'; wanted one of trace",
                "GET|/vibers/nope||404|not-found|There is no viber 'nope'",
                "DELETE|/tokens/nope||404|not-found|There is no token 'nope'",
            })
    void whatIsWrongIsNamed(String method, String path, String body, int status, String kind, String told)
            throws Exception {
        HttpResponse<String> response = server.send(method, "/api/v1" + path, body, JSON);

        JsonNode problem = Json.MAPPER.readTree(response.body());
        assertThat(response.statusCode()).as("%s", response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        assertThat(problem.get("type").asString()).isEqualTo("urn:viber:problem:" + kind);
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("detail").asString()).contains(told);
        assertThat(problem.get("error")).isEqualTo(problem.get("detail"));
    }

    @Test
    void bodiesAreBoundedAndOfOneKind() throws Exception {
        String large = "{\"goal\":\"" + "x".repeat(5000) + "\"}";
        assertThat(server.send("POST", "/api/v1/tasks", large, JSON).statusCode())
                .isEqualTo(413);
        assertThat(server.send("POST", "/api/v1/tasks", "goal=x", "Content-Type", "application/x-www-form-urlencoded")
                        .statusCode())
                .isEqualTo(415);
        assertThat(server.send(
                                "POST",
                                "/api/v1/tasks",
                                "{\"goal\":\"a\"}",
                                "Content-Type",
                                "application/json; charset=utf-16")
                        .statusCode())
                .isEqualTo(415);
    }

    @Test
    void wrongMethodsAreToldTheRightOnes() throws Exception {
        assertThat(server.send("PUT", "/api/v1/vibers/x", "{}", JSON).headers().firstValue("Allow"))
                .contains("DELETE, GET, HEAD, PATCH");
    }

    @Test
    void rolesAreHeld() throws Exception {
        String[] viewer = {"Authorization", "Bearer viewer"};
        String[] operator = {"Authorization", "Bearer operator"};
        assertThat(server.send("GET", "/api/v1/tasks", null, viewer).statusCode())
                .isEqualTo(200);
        assertThat(server.send("POST", "/api/v1/tasks", "{\"goal\":\"a\"}", viewer)
                        .statusCode())
                .isEqualTo(403);
        assertThat(server.send("POST", "/api/v1/tasks", "{\"goal\":\"a\"}", operator)
                        .statusCode())
                .isEqualTo(201);
        HttpResponse<String> refused = server.send("POST", "/api/v1/vibers/x/tokens", null, operator);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("The token's role is operator; wanted one of owner");
    }

    @Test
    void theUnforeseenIsToldByAnIdAlone() throws Exception {
        HttpResponse<String> response = server.send("POST", "/api/v1/tasks", "{\"goal\":\"burst\"}", JSON);

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).contains("errorId").doesNotContain("secret").doesNotContain("Exception");
    }

    @Test
    void aMissingPartIs503AndItsReturnIsNoticed() throws Exception {
        server.desks.unbindTasks(server.memory);
        HttpResponse<String> response = server.send("GET", "/api/v1/tasks", null);
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.headers().firstValue("Retry-After")).contains("1");

        server.desks.bindTasks(server.memory);
        assertThat(server.send("GET", "/api/v1/tasks", null).statusCode()).isEqualTo(200);
    }

    @Test
    void listsArePaged() {
        for (int i = 0; i < 5; i++) {
            client.submit(goal("g" + i), null);
        }
        List<String> seen = new ArrayList<>();
        String cursor = null;
        do {
            Page<Task> page = client.tasks(cursor == null ? Map.of("limit", 2) : Map.of("limit", 2, "cursor", cursor));
            page.items().forEach(task -> seen.add(task.goal()));
            cursor = page.next();
        } while (cursor != null);
        assertThat(seen).containsExactly("g4", "g3", "g2", "g1", "g0");
    }

    @Test
    void tasksAreTalkedToStoppedAndRetried() {
        Task task = client.submit(goal("a"), null);
        client.message(task.id(), new MessageRequest("hurry", null));
        assertThat(server.memory.lastMessage).isEqualTo(new TaskMessage("hurry", TaskMessage.Mode.FOLLOWUP));
        assertThat(client.stop(task.id()).status()).isEqualTo("stopped");
        assertThat(client.retry(task.id()).phase()).isEqualTo("queued");
        assertThatThrownBy(() -> client.stop("nope"))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
    }

    @Test
    void questionsAreAnsweredOnce() {
        Task task = client.submit(goal("a"), null);
        server.memory.ask("q1", task.id());
        assertThat(client.approvals(Map.of("taskId", task.id())).items()).hasSize(1);
        assertThat(client.decide("q1", new DecisionRequest(true, null)).state()).isEqualTo("allowed");
        assertThat(Objects.requireNonNull(server.memory.lastDecision).by()).isEqualTo("id-of-OWNER");
        assertThatThrownBy(() -> client.decide("q1", new DecisionRequest(true, null)))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CONFLICT));
    }

    @Test
    void deadLettersAreListedRetriedAndPruned() {
        Task kept = client.submit(goal("kept"), null);
        Task dead = client.submit(goal("dead"), null);
        server.memory.move(dead.id(), Phase.DEAD, "error", "{\"error\":\"gone\",\"dead\":true}");
        assertThat(client.deadLetters(Map.of()).items()).extracting(Task::id).containsExactly(dead.id());
        assertThatThrownBy(() -> client.retryDeadLetter(kept.id())).hasMessageContaining("There is no dead letter");
        assertThat(client.retryDeadLetter(dead.id()).phase()).isEqualTo("queued");
        server.memory.move(dead.id(), Phase.DEAD, "error", "{}");
        assertThat(client.pruneDeadLetters(null)).isEqualTo(1);
        assertThat(client.deadLetters(Map.of()).items()).isEmpty();
    }

    @Test
    void vibersAndTheirTokens() throws Exception {
        HttpResponse<String> issued = server.send("POST", "/api/v1/vibers/box-1/tokens", null);
        assertThat(issued.statusCode()).isEqualTo(201);
        assertThat(issued.body()).isEqualTo("{\"id\":\"k1\",\"viberId\":\"box-1\",\"token\":\"secret-k1\"}");
        client.issueToken("box-1", new TokenRequest("laptop", Duration.ofHours(1)));
        server.send("POST", "/api/v1/vibers/box-1/tokens", "{\"expiresIn\":\"30d\"}", JSON);
        server.send("POST", "/api/v1/vibers/box-1/tokens", "{\"expiresIn\":90}", JSON);

        assertThat(client.tokens("box-1", Map.of()).items())
                .extracting(token -> token.expiresAt())
                .containsExactly(
                        Instant.EPOCH.plusSeconds(90),
                        Instant.EPOCH.plus(Duration.ofDays(30)),
                        Instant.EPOCH.plus(Duration.ofHours(1)),
                        null);
        Page<dev.viber.api.auth.Tokens.Token> first = client.tokens(null, Map.of("limit", 3));
        assertThat(client.tokens(null, Map.of("cursor", Objects.requireNonNull(first.next())))
                        .items())
                .extracting(token -> token.id())
                .containsExactly("k1");
        assertThat(server.send("GET", "/api/v1/tokens", null).body()).contains("\"role\":\"viber\"");
        client.revokeToken("k1");

        assertThat(client.viber("box-1").status()).isEqualTo("offline");
        assertThat(client.change("box-1", new ViberChange("build box", Map.of("capacity", 2)))
                        .config())
                .isEqualTo(Map.of("capacity", 2));
        assertThat(client.vibers(Map.of()).items()).hasSize(1);
        client.deleteViber("box-1");
        assertThat(client.vibers(Map.of()).items()).isEmpty();
    }

    @Test
    void theDescriptionIsServedAsItIsInTheDocs() throws Exception {
        assertThat(server.send("GET", "/api/v1/openapi.json", null).body())
                .isEqualTo(Files.readString(Path.of("../../docs/api/openapi.json")));
    }

    @Test
    void figuresAreShown() throws Exception {
        client.issueToken("box-1", new TokenRequest(null, null));
        assertThat(client.systemStatus().vibers()).containsEntry("total", 1L).containsEntry("online", 0L);
        assertThat(server.send("GET", "/metrics", null).body())
                .contains("# TYPE viber_vibers gauge\nviber_vibers{state=\"offline\"} 1\n");
        server.metrics.addPart(() -> List.of(Metric.counter("viber_x_total", "Counted.", 7)));
        assertThat(server.send("GET", "/metrics", null).body())
                .contains("# HELP viber_x_total Counted.\n# TYPE viber_x_total counter\nviber_x_total 7\n");
    }

    @Test
    void aTasksSpanIsSaidInTheAnswerAndWhoAskedIsKept() throws Exception {
        String mine = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        var answer = server.send(
                "POST", "/api/v1/tasks", "{\"goal\":\"x\"}", "Content-Type", "application/json", "traceparent", mine);
        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.headers().firstValue("traceresponse")).contains(mine);
        assertThat(Objects.requireNonNull(server.memory.lastSubmission).traceparent())
                .isEqualTo(mine);
        assertThat(server.memory.lastCaller).isNotBlank();
        // Two of them are none (Trace Context, 3.2).
        server.send(
                "POST",
                "/api/v1/tasks",
                "{\"goal\":\"x\"}",
                "Content-Type",
                "application/json",
                "traceparent",
                mine,
                "traceparent",
                mine);
        assertThat(Objects.requireNonNull(server.memory.lastSubmission).traceparent())
                .isNull();
    }

    @Test
    void nobodyThereIsToldApartFromARefusal() {
        try (ViberClient lost = new ViberClient(URI.create("http://127.0.0.1:1"), "owner")) {
            assertThatThrownBy(() -> lost.task("t1"))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("http://127.0.0.1:1/api/v1/tasks/t1");
        }
    }
}
