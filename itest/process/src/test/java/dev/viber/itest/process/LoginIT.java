package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A viber logs in, a person approves it in a real browser, it works with its own token, and is thrown out. */
class LoginIT {
    private static final String PLAYBOOK = """
            name: hello
            steps:
              - {id: write, tool: file.write, with: {path: hello.txt, text: hi}}
            """;

    @TempDir
    Path dir;

    private Cluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir).with("VIBER_AUTH_DEVICE_INTERVAL", "1");
        cluster.startGateway();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void aViberLogsInWorksAndIsThrownOut() throws Exception {
        Path state = dir.resolve("box");
        String owner =
                Files.readString(cluster.gatewayState().resolve("owner.token")).strip();
        try (Daemon login = Daemon.start(
                "login",
                Daemon.viber(
                        "login",
                        "--json",
                        "--server",
                        "http://127.0.0.1:" + cluster.port(),
                        "--id",
                        "box",
                        "--name",
                        "<b>the box</b>",
                        "--state",
                        state.toString()),
                Map.of())) {
            JsonNode asked = login.line();
            // The grant is durable: the gateway may die in between.
            cluster.killGateway();
            cluster.startGateway();
            approve(asked, owner);
            JsonNode done = login.line();
            assertThat(done.path("viberId").asString()).isEqualTo("box");
            assertThat(login.awaitExit()).isZero();
        }
        for (String file : List.of("token", "login.json")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.resolve(file))))
                    .isEqualTo("rw-------");
        }
        String token = Files.readString(state.resolve("token")).strip();
        work(state);
        String tokenId = cluster.rest()
                .get("/vibers/box/tokens")
                .expect(200)
                .path("items")
                .path(0)
                .path("id")
                .asString();
        throwOut(token, tokenId);
        try (Daemon viber = startViber(state)) {
            JsonNode ready = viber.ready();
            assertThat(ready.path("connected").asBoolean()).isFalse();
            assertThat(ready.path("error").asString()).contains("refused the token of box");
        }
        audit(owner, token);
    }

    private static void approve(JsonNode asked, String owner) throws Exception {
        JsonNode seen = Browser.run(
                "device.mjs",
                Map.of("OWNER_TOKEN", owner),
                asked.path("verificationUriComplete").asString());
        assertThat(seen.path("shown").asString()).contains("box", "<b>the box</b>", "file", "viber-cli");
        assertThat(seen.path("code").asString())
                .isEqualToIgnoringCase(asked.path("userCode").asString());
        assertThat(seen.path("done").asString()).contains("Approved");
        assertThat(seen.path("violations").size())
                .as("%s", seen.path("violations"))
                .isZero();
        assertThat(seen.path("complaints").toString())
                .as("only the answers 401 and 404 that were provoked")
                .doesNotContain("Content Security Policy");
        URI page = URI.create(asked.path("verificationUri").asString());
        List<String> requests = new ArrayList<>();
        seen.path("requests").forEach(each -> requests.add(each.asString()));
        assertThat(requests).allMatch(each -> each.equals("http://" + page.getAuthority()) || each.startsWith("data:"));
        assertThat(seen.path("policy").asString())
                .contains("default-src 'none'")
                .doesNotContain("unsafe");
        assertThat(seen.path("cookie").path("httpOnly").asBoolean()).isTrue();
        assertThat(seen.path("cookie").path("sameSite").asString()).isEqualTo("Strict");
    }

    private Daemon startViber(Path state) throws Exception {
        return Daemon.start(
                "viber",
                Daemon.viber(
                        "start",
                        "--json",
                        "--state",
                        state.toString(),
                        "--workspace",
                        cluster.workspace().toString()),
                Map.of());
    }

    private void work(Path state) throws Exception {
        try (Daemon viber = startViber(state)) {
            JsonNode ready = viber.ready();
            assertThat(ready.path("viberId").asString()).isEqualTo("box");
            String task = cluster.rest()
                    .post("/tasks", Map.of("goal", "g", "viberId", "box", "options", Map.of("playbook", PLAYBOOK)))
                    .expect(201)
                    .path("id")
                    .asString();
            Sse.Event last = new Sse(task).await(cluster.rest(), Sse.Event::isLast);
            assertThat(last.kind()).isEqualTo("completed");
            assertThat(cluster.workspace().resolve("hello.txt")).hasContent("hi");
            assertThat(viber.terminate()).isZero();
        }
    }

    /** A socket of this token is closed with 4401 when it is revoked, and none opens again. */
    private void throwOut(String token, String tokenId) throws Exception {
        CompletableFuture<Integer> closed = new CompletableFuture<>();
        WebSocket socket = dial(token, closed).join();
        socket.sendText("{\"type\":\"connected\",\"viber\":{\"id\":\"box\",\"name\":\"box\"}}", true)
                .join();
        cluster.rest().send("DELETE", "/tokens/" + tokenId, null, Map.of()).expect(204);
        assertThat(closed.get(60, TimeUnit.SECONDS)).isEqualTo(4401);
        assertThatThrownBy(() -> dial(token, new CompletableFuture<>()).join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(401));
    }

    private CompletableFuture<WebSocket> dial(String token, CompletableFuture<Integer> closed) {
        return HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + token)
                .buildAsync(URI.create(cluster.ws()), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                        closed.complete(code);
                        return null;
                    }

                    @Override
                    public void onError(WebSocket socket, Throwable error) {
                        closed.completeExceptionally(error);
                    }
                });
    }

    private void audit(String... secrets) throws Exception {
        JsonNode log = cluster.rest().get("/audit?limit=1000").expect(200);
        List<String> deeds = new ArrayList<>();
        log.path("items")
                .forEach(entry -> deeds.add(entry.path("action").asString() + " "
                        + entry.path("role").asString("nobody") + " "
                        + entry.path("outcome").asString()));
        assertThat(deeds)
                .contains(
                        "device.ask nobody done",
                        "device.sign-in nobody denied",
                        "device.sign-in owner done",
                        "device.approve owner done",
                        "device.token nobody done",
                        "submitTask owner done",
                        "revokeToken owner done");
        assertThat(log.toString()).doesNotContain(secrets);
        JsonNode page = cluster.rest().get("/audit?limit=2").expect(200);
        JsonNode next = cluster.rest()
                .get("/audit?limit=2&cursor=" + page.path("next").asString())
                .expect(200);
        assertThat(next.path("items").path(0).path("seq").asLong())
                .isEqualTo(page.path("items").path(1).path("seq").asLong() - 1);
    }
}
