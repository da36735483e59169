package dev.viber.itest.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** A client of DevTools that does what stock ones do before a page is there, and no more: {@code /json/version}, socket, target, page. */
final class DevToolsClient implements AutoCloseable, WebSocket.Listener {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final long PATIENCE_S = 120;

    private final BlockingQueue<JsonNode> said = new LinkedBlockingQueue<>();
    private final StringBuilder part = new StringBuilder();
    private final WebSocket socket;
    private final String session;
    private int calls;

    /**
     * Connects, and attaches to the first page.
     *
     * @param base of DevTools, without a slash at its end
     * @param token wanted by it
     */
    DevToolsClient(String base, String token) throws IOException, InterruptedException {
        String bearer = "Bearer " + token;
        byte[] version = HTTP.send(
                        HttpRequest.newBuilder(URI.create(base + "/json/version"))
                                .header("Authorization", bearer)
                                .build(),
                        BodyHandlers.ofByteArray())
                .body();
        String url = Server.JSON.readTree(version).path("webSocketDebuggerUrl").asString("");
        try {
            socket = HTTP.newWebSocketBuilder()
                    .header("Authorization", bearer)
                    .buildAsync(URI.create(url), this)
                    .join();
        } catch (CompletionException | IllegalArgumentException e) {
            throw new IOException(base + ": " + new String(version, java.nio.charset.StandardCharsets.UTF_8), e);
        }
        String target = "";
        for (JsonNode each : call(null, "Target.getTargets", Map.of()).path("targetInfos")) {
            target = each.path("type").asString("").equals("page")
                    ? each.path("targetId").asString()
                    : target;
        }
        session = call(null, "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .path("sessionId")
                .asString();
        call(session, "Page.enable", Map.of());
    }

    /** Opens a page, and returns when it has loaded. */
    void go(String url) throws IOException, InterruptedException {
        JsonNode answer = call(session, "Page.navigate", Map.of("url", url));
        if (answer.has("errorText")) {
            throw new IOException(url + ": " + answer.path("errorText").asString());
        }
        await(each -> each.path("method").asString("").equals("Page.loadEventFired"));
    }

    private JsonNode call(String of, String method, Map<String, ?> parameters)
            throws IOException, InterruptedException {
        int id = ++calls;
        Map<String, Object> message = new java.util.HashMap<>(Map.of("id", id, "method", method, "params", parameters));
        if (of != null) {
            message.put("sessionId", of);
        }
        socket.sendText(Server.JSON.writeValueAsString(message), true).join();
        JsonNode answer = await(each -> each.path("id").asInt(0) == id);
        if (answer.has("error")) {
            throw new IOException(method + ": " + answer.path("error"));
        }
        return answer.path("result");
    }

    private JsonNode await(Predicate<JsonNode> wanted) throws IOException, InterruptedException {
        while (true) {
            JsonNode one = said.poll(PATIENCE_S, TimeUnit.SECONDS);
            if (one == null || one.isMissingNode()) {
                throw new IOException("DevTools fell silent");
            }
            if (wanted.test(one)) {
                return one;
            }
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
        part.append(text);
        if (last) {
            said.add(Server.JSON.readTree(part.toString()));
            part.setLength(0);
        }
        from.request(1);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
        said.add(Server.JSON.missingNode());
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        said.add(Server.JSON.missingNode());
    }

    @Override
    public void close() {
        socket.abort();
    }
}
