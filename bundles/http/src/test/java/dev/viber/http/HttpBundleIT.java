package dev.viber.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

@NullUnmarked
@Timeout(120)
class HttpBundleIT {
    @TempDir
    Path storage;

    private House house;
    private Client client;
    private Map<String, String> tokens;

    @BeforeEach
    void start() throws Exception {
        house = new House(
                storage,
                Map.of("listen", "127.0.0.1:0", "allowed.hosts", "viber.example", "ready.parts", new String[] {"http"
                }));
        client = new Client(house.port());
    }

    @AfterEach
    void stop() throws Exception {
        house.close();
    }

    private void withTokens() throws Exception {
        house.guest("TokenGuest", "");
        tokens = house.service("(test=tokens)");
        tokens.putAll(Map.of("own", "OWNER", "view", "VIEWER", "v1", "VIBER", "v2", "VIBER", "busy1", "VIBER"));
    }

    @Test
    void routesComeAndGoWhileConnectionsOfOthersLiveOn() throws Exception {
        withTokens();
        house.guest("SocketGuest", "/vibers/ws");
        house.guest("StreamGuest", "");
        Client.Socket socket = client.socket("/vibers/ws", "v1");
        BlockingQueue<String> stream = client.stream("/stream", "own");
        Consumer<String> push = house.service("(test=push)");
        assertThat(Client.next(stream)).isEqualTo("open");
        for (int round = 0; round < 3; round++) {
            // What was never here is not found; what left just now is being replaced.
            HttpResponse<String> before = client.get("/api/v1/x", "own");
            assertThat(before.statusCode()).isEqualTo(round == 0 ? 404 : 503);
            assertThat(before.headers().firstValue("Retry-After").isPresent()).isEqualTo(round > 0);
            Bundle shallow = house.guest("EchoGuest", "/api");
            Bundle deep = house.guest("EchoGuest", "/api/v1");
            Bundle other = house.guest("SocketGuest", "/other");
            assertThat(client.get("/api/v1/x", "own").body()).isEqualTo("/api/v1 own virtual");
            assertThat(client.get("/api/v2", "own").body()).isEqualTo("/api own virtual");
            assertThat(client.status("/apiary", "own")).isEqualTo(404);
            Client.Socket leaving = client.socket("/other", "v2");
            deep.uninstall();
            assertThat(client.get("/api/v1/x", "own").body()).isEqualTo("/api own virtual");
            shallow.uninstall();
            other.uninstall();
            assertThat(Client.next(leaving.said)).isEqualTo("<closed 1012>");
            assertThat(socket.ask("round " + round)).isEqualTo("round " + round);
            push.accept("round " + round);
            assertThat(Client.next(stream)).isEqualTo("round " + round);
        }
    }

    @Test
    void withoutAValidTokenEveryPathLooksTheSame() throws Exception {
        withTokens();
        house.guest("EchoGuest", "/api/v1");
        house.guest("SocketGuest", "/vibers/ws");
        for (String path : List.of("/api/v1/tasks", "/vibers/ws", "/nothing/here", "/")) {
            for (String token : List.of("", "wrong")) {
                HttpResponse<String> refused = client.get(path, token);
                assertThat(refused.statusCode()).as(path).isEqualTo(401);
                assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
                assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
                assertThat(refused.body())
                        .contains("\"type\":\"urn:viber:problem:unauthorized\"")
                        .contains("\"status\":401")
                        .contains("\"error\":");
            }
        }
        assertThat(client.status("/nothing/here", "own")).isEqualTo(404);
        assertThat(client.get("/api/v1/a%2Fb", "own").body()).isEqualTo("/api/v1 own virtual");
        assertThat(client.get("/api/v1/%00", "own").body()).contains("percent-encoded UTF-8");
        assertThat(client.get("/api/v1", "view").body()).contains("urn:viber:problem:forbidden");
        assertThat(client.status("/api/v1", "v1")).isEqualTo(403);
        assertThat(client.status("/vibers/ws", "v1")).isEqualTo(400);
        assertThat(client.status("/api/v1", "own")).isEqualTo(200);
        tokens.remove("own");
        assertThat(client.status("/api/v1", "own")).isEqualTo(401);
    }

    @Test
    void onlyOurHostsAndOriginsAreServed() throws Exception {
        withTokens();
        house.guest("EchoGuest", "/api");
        int port = house.port();
        assertThat(statusFor("Host", "rebound.example:" + port)).isEqualTo(403);
        assertThat(statusFor("Host", "localhost:" + port)).isEqualTo(200);
        assertThat(statusFor("Host", "[::1]:" + port)).isEqualTo(200);
        assertThat(statusFor("Host", "Viber.Example")).isEqualTo(200);
        assertThat(statusFor("Origin", "http://elsewhere.example")).isEqualTo(403);
        assertThat(statusFor("Origin", "null")).isEqualTo(403);
        assertThat(statusFor("Origin", "http://127.0.0.1:1")).isEqualTo(403);
        assertThat(statusFor("Origin", "http://127.0.0.1:" + port)).isEqualTo(200);
    }

    private int statusFor(String header, String value) throws Exception {
        return client.send(client.request("/api", "own").header(header, value).build())
                .statusCode();
    }

    /** A client that sends head and body apart, as Java's does, may not take a connection for open that is being closed. */
    @Test
    void whoIsAnsweredBeforeTheBodyCameIsToldThatTheConnectionEnds() throws Exception {
        withTokens();
        house.guest("EchoGuest", "/api");
        for (String token : List.of("wrong", "own")) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), house.port())) {
                socket.getOutputStream()
                        .write(
                                "POST /api HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Length: 5\r\n\r\n"
                                        .formatted(token)
                                        .getBytes(StandardCharsets.US_ASCII));
                String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(answer)
                        .startsWith("HTTP/1.1 " + (token.equals("own") ? 200 : 401))
                        .containsIgnoringCase("\r\nConnection: close\r\n");
            }
        }
    }

    @Test
    void eachSocketHasThePrincipalOfItsOwnToken() throws Exception {
        withTokens();
        house.guest("SocketGuest", "/vibers/ws");
        List<CompletableFuture<String>> answers = IntStream.range(0, 40)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> {
                            String token = i % 2 == 0 ? "v1" : "v2";
                            try {
                                Client.Socket socket = client.socket("/vibers/ws", token);
                                return token + "=" + socket.ask("who") + "=" + socket.ask("who");
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        Thread::startVirtualThread))
                .toList();
        assertThat(answers).extracting(CompletableFuture::join).containsOnly("v1=v1=v1", "v2=v2=v2");
    }

    @Test
    void theGuardOfAnEndpointIsAskedBeforeTheUpgrade() throws Exception {
        withTokens();
        house.guest("SocketGuest", "/vibers/ws");
        assertThatThrownBy(() -> client.socket("/vibers/ws", "busy1"))
                .cause()
                .isInstanceOfSatisfying(WebSocketHandshakeException.class, refused -> {
                    assertThat(refused.getResponse().statusCode()).isEqualTo(429);
                    assertThat(refused.getResponse().headers().firstValue("Retry-After"))
                            .contains("7");
                });
        assertThatThrownBy(() -> client.socket("/vibers/ws", "view"))
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        refused ->
                                assertThat(refused.getResponse().statusCode()).isEqualTo(403));
    }

    @Test
    void messagesOfUpToTheLimitPassAndTheSubprotocolIsAnsweredWhereOffered() throws Exception {
        withTokens();
        house.guest("SocketGuest", "/vibers/ws");
        Client.Socket plain = client.socket("/vibers/ws", "v1");
        assertThat(plain.ws.getSubprotocol()).isEmpty();
        String large = "x".repeat(4 * 1024 * 1024);
        assertThat(plain.ask(large)).isEqualTo(large);
        assertThat(plain.ask(large + "x")).isEqualTo("<closed 1009>");
        assertThat(client.socket("/vibers/ws", "v1", "viber.v1").ws.getSubprotocol())
                .isEqualTo("viber.v1");
        assertThat(client.socket("/vibers/ws", "v1", "else").ws.getSubprotocol())
                .isEmpty();
    }

    @Test
    void compressionIsAnsweredWhereOfferedAndKeepsNoWindow() throws Exception {
        withTokens();
        house.guest("SocketGuest", "/vibers/ws");
        try (DeflatingSocket socket = new DeflatingSocket(house.port(), "/vibers/ws", "v1")) {
            assertThat(socket.answer())
                    .startsWith("HTTP/1.1 101")
                    .containsPattern("(?i)sec-websocket-extensions: permessage-deflate;.*server_no_context_takeover");
            String long8k = "%04d".repeat(8).formatted(1, 2, 3, 4, 5, 6, 7, 8).repeat(500);
            assertThat(socket.ask(long8k)).isEqualTo(long8k);
            assertThat(socket.ask("again ".repeat(500))).isEqualTo("again ".repeat(500));
        }
    }

    @Test
    void healthIsPublicAndWithoutAuthenticatorTheRestIsUnavailable() throws Exception {
        assertThat(client.get("/healthz", "").body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(client.get("/readyz", "").body()).contains("\"ready\":[\"http\"]");
        assertThat(client.status("/readyz", "")).isEqualTo(200);
        HttpResponse<String> posted = client.send(client.request("/healthz", "")
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("Allow")).contains("GET, HEAD");
        HttpResponse<String> refused = client.get("/api", "own");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        withTokens();
        assertThat(client.status("/api", "own")).isEqualTo(404);
    }

    @Test
    void stoppingEndsOpenStreamsAndSocketsAndFreesThePort() throws Exception {
        withTokens();
        house.guest("SocketGuest", "/vibers/ws");
        house.guest("StreamGuest", "");
        int port = house.port();
        Client.Socket socket = client.socket("/vibers/ws", "v1");
        BlockingQueue<String> stream = client.stream("/stream", "own");
        assertThat(Client.next(stream)).isEqualTo("open");
        house.http.stop();
        assertThat(house.has("(part=http)")).isFalse();
        assertThat(Client.next(socket.said)).isEqualTo("<closed 1012>");
        assertThat(Client.next(stream)).isEqualTo("<cut>");
        try (ServerSocket free = new ServerSocket(port)) {
            assertThat(free.getLocalPort()).isEqualTo(port);
        }
        house.http.start();
        client = new Client(house.port());
        assertThat(client.socket("/vibers/ws", "v1").ask("back")).isEqualTo("back");
    }

    @Test
    void anAddressThatCannotBeListenedOnIsNotReadyAndAnotherOneIs() throws Exception {
        Consumer<Map<String, Object>> configure = house.service("(test=configure)");
        try (ServerSocket taken = new ServerSocket(0)) {
            house.http.stop();
            configure.accept(Map.of("listen", "127.0.0.1:" + taken.getLocalPort()));
            house.http.start();
            assertThat(house.has("(part=http)")).isFalse();
            house.http.stop();
            configure.accept(Map.of("listen", "nonsense"));
            house.http.start();
            assertThat(house.has("(part=http)")).isFalse();
            configure.accept(Map.of("listen", "127.0.0.1:0", "ready.parts", new String[] {"http", "gateway"}));
            client = new Client(house.port());
            assertThat(client.status("/healthz", "")).isEqualTo(200);
            assertThat(client.get("/readyz", "").body()).contains("\"missing\":[\"gateway\"]");
            assertThat(client.status("/readyz", "")).isEqualTo(503);
        }
    }
}
