package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Work waits for a viber that is away, and a viber whose token is revoked is away at once. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class OfflineIT {
    private static final String VIBER = "viber-away";
    private static final String PLAYBOOK = """
            name: note
            steps:
              - id: write
                tool: file.write
                with: {path: note.txt, text: "was here", mode: create}
              - id: read
                tool: file.read
                needs: [write]
                with: {path: note.txt}
            outputs: {text: "${{ steps.read.result.text }}"}
            """;

    @TempDir
    Path dir;

    private Cluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir);
        cluster.startGateway();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private String submit() throws Exception {
        return cluster.rest()
                .post("/tasks", Map.of("goal", "note", "viberId", VIBER, "options", Map.of("playbook", PLAYBOOK)))
                .expect(201)
                .path("id")
                .asString();
    }

    private String status() throws Exception {
        return cluster.rest().get("/vibers/" + VIBER).expect(200).path("status").asString();
    }

    @Test
    void whatWasHandedInWhileItWasAwayIsDoneWhenItComes() throws Exception {
        String token = cluster.issueToken(VIBER).path("token").asString();
        assertThat(status()).isEqualTo("offline");
        String taskId = submit();
        cluster.killGateway();
        cluster.startGateway();
        JsonNode task = cluster.rest().get("/tasks/" + taskId).expect(200);
        assertThat(task.path("status").asString()).isEqualTo("pending");
        assertThat(task.path("phase").asString()).isEqualTo("queued");

        JsonNode ready = cluster.startViber(VIBER, token);
        assertThat(ready.path("pid").asLong()).isEqualTo(cluster.viber().pid());
        assertThat(cluster.viberState(VIBER).resolve("viber.json")).exists();
        Sse followed = new Sse(taskId);
        followed.await(cluster.rest(), Sse.Event::isLast);
        List<Sse.Event> events = followed.events();
        assertThat(events)
                .extracting(Sse.Event::seq)
                .isEqualTo(LongStream.rangeClosed(1, events.size()).boxed().toList());
        assertThat(events.getFirst().kind()).isEqualTo("queued");
        assertThat(events.getLast().kind()).as("%s", events).isEqualTo("completed");
        assertThat(Files.readString(cluster.workspace().resolve("note.txt"))).isEqualTo("was here");
        JsonNode done = cluster.rest().get("/tasks/" + taskId).expect(200);
        assertThat(done.path("status").asString()).isEqualTo("completed");
        assertThat(done.path("result").path("outputs").path("text").asString()).isEqualTo("was here");
        assertThat(done.path("lastSeq").asLong()).isEqualTo(events.size());
    }

    @Test
    void theSameKeyIsTheSameTaskAcrossACrash() throws Exception {
        cluster.issueToken(VIBER);
        Map<String, Object> body = Map.of("goal", "once", "viberId", VIBER);
        Map<String, String> key = Map.of("Idempotency-Key", "only-once");
        JsonNode first = cluster.rest().send("POST", "/tasks", body, key).expect(201);
        cluster.killGateway();
        cluster.startGateway();
        JsonNode second = cluster.rest().send("POST", "/tasks", body, key).expect(200);
        assertThat(second.path("id")).isEqualTo(first.path("id"));
    }

    @Test
    void aRevokedTokenEndsTheConnectionAtOnceAndOpensNoOther() throws Exception {
        JsonNode issued = cluster.issueToken(VIBER);
        String token = issued.path("token").asString();
        cluster.startViber(VIBER, token);
        Patience.until(this::status, "online"::equals);
        assertThat(status()).isEqualTo("online");

        Rest.Answer revoked =
                cluster.rest().send("DELETE", "/tokens/" + issued.path("id").asString(), null, Map.of());
        assertThat(revoked.status()).isEqualTo(204);
        assertThat(Patience.until(this::status, "offline"::equals)).isEqualTo("offline");
        assertThat(Patience.until(this::saysConnected, connected -> !connected))
                .as("the viber says so itself; %s", cluster.viber().logTail())
                .isFalse();
        assertThat(upgrade(token)).isEqualTo(401);

        String taskId = submit();
        cluster.viber().terminate();
        cluster.startViber(VIBER, cluster.issueToken(VIBER).path("token").asString());
        Sse followed = new Sse(taskId);
        followed.await(cluster.rest(), Sse.Event::isLast);
        assertThat(followed.events().getLast().kind()).isEqualTo("completed");
    }

    private boolean saysConnected() throws Exception {
        Path file = cluster.viberState(VIBER).resolve("viber.json");
        return cluster.viber().isAlive()
                && Files.exists(file)
                && Rest.JSON
                        .readTree(Files.readAllBytes(file))
                        .path("connected")
                        .asBoolean(false);
    }

    /** The status the upgrade is answered with; 101 where it is not refused. */
    private int upgrade(String token) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + token)
                    .buildAsync(URI.create(cluster.ws()), new WebSocket.Listener() {})
                    .get()
                    .abort();
            return 101;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                return refused.getResponse().statusCode();
            }
            throw e;
        }
    }
}
