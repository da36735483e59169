package dev.viber.itest.tour;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds JSON of the documents to what the running gateway takes and says. */
final class Claims implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final String server;
    private final String token;
    private final HttpClient http = HttpClient.newHttpClient();

    Claims(String server, String token) {
        this.server = server;
        this.token = token;
    }

    /** A policy: the viber takes it on. */
    void policy(Block block, String viber) throws IOException, InterruptedException {
        String path = "/vibers/" + viber;
        String before = send("GET", path, null).path("configDigest").asString("");
        String body = "{\"config\":{\"policy\":" + block.text() + "}}";
        JsonNode shown = send("PATCH", path, body);
        // The viber says by itself, with its next heartbeat, what it made of it.
        Instant end = Instant.now().plus(PATIENCE);
        while (shown.path("configError").asString("").isEmpty()
                && shown.path("configDigest").asString("").equals(before)) {
            assertThat(Instant.now()).as("%s: %s", block.place(), shown).isBefore(end);
            TimeUnit.MILLISECONDS.sleep(50);
            shown = send("GET", path, null);
        }
        assertThat(shown.path("configError").asString("")).as(block.place()).isEmpty();
    }

    /** What a tool answers: it has every member that the document shows. */
    void members(Block block, JsonNode answered) {
        holds(block.place(), JSON.readTree(block.text()), answered);
    }

    private static void holds(String place, JsonNode told, JsonNode seen) {
        if (told.isObject()) {
            for (Map.Entry<String, JsonNode> each : told.properties()) {
                assertThat(seen.has(each.getKey()))
                        .as("%s: %s has %s", place, seen, each.getKey())
                        .isTrue();
                holds(place, each.getValue(), seen.path(each.getKey()));
            }
        } else if (told.isArray() && !told.isEmpty()) {
            assertThat(seen.isArray() && !seen.isEmpty())
                    .as("%s: %s has items", place, seen)
                    .isTrue();
            holds(place, told.get(0), seen.get(0));
        } else {
            assertThat(seen.getNodeType()).as("%s: %s", place, seen).isEqualTo(told.getNodeType());
        }
    }

    /** Frames, in the order of the document: those that go up are taken, those that come down are as told. */
    void frames(List<Block> blocks) throws IOException, InterruptedException {
        Map<String, Block> byType = blocks.stream()
                .collect(Collectors.toMap(
                        block -> JSON.readTree(block.text()).path("type").asString(""), block -> block));
        Block connected = Objects.requireNonNull(byType.get("connected"), "a frame connected");
        String id = JSON.readTree(connected.text()).path("viber").path("id").asString("");
        JsonNode issued = send("POST", "/vibers/" + id + "/tokens", "{}");
        BlockingQueue<JsonNode> down = new LinkedBlockingQueue<>();
        WebSocket socket = http.newWebSocketBuilder()
                .header("Authorization", "Bearer " + issued.path("token").asString(""))
                .buildAsync(URI.create(server.replaceFirst("^http", "ws") + "/vibers/ws"), new Listener(down))
                .join();
        for (Block block : blocks) {
            JsonNode frame = JSON.readTree(block.text());
            if (frame.path("type").asString("").equals("welcome")) {
                JsonNode welcome = down.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(welcome).as("%s: a frame comes down", block.place()).isNotNull();
                assertThat(welcome.path("type").asString("")).as(block.place()).isEqualTo("welcome");
                holds(block.place(), frame, welcome);
            } else {
                socket.sendText(JSON.writeValueAsString(frame), true).join();
            }
        }
        // What is no frame is answered by an error; were one of those before it none, its answer would come first.
        socket.sendText("{", true).join();
        JsonNode answer = down.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        socket.abort();
        assertThat(answer).isNotNull();
        assertThat(answer.path("type").asString("")).isEqualTo("error");
        assertThat(down).isEmpty();
    }

    private record Listener(BlockingQueue<JsonNode> frames) implements WebSocket.Listener {
        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            frames.add(JSON.readTree(text.toString()));
            socket.request(1);
            return null;
        }
    }

    private JsonNode send(String method, String path, @Nullable String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server + "/api/v1" + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .build();
        var response = http.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode())
                .as("%s %s: %s", method, path, response.body())
                .isLessThan(400);
        return JSON.readTree(response.body());
    }

    @Override
    public void close() {
        http.shutdownNow();
        http.close();
    }
}
