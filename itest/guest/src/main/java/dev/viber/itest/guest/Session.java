package dev.viber.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.WebSocket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/** A DevTools client of the plainest kind. */
final class Session implements AutoCloseable, WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    private int id;

    Session(Agent agent, String path) {
        socket = agent.client()
                .newWebSocketBuilder()
                .header("Authorization", "Bearer " + agent.token())
                .buildAsync(agent.webSocket(path), this)
                .join();
    }

    JsonNode call(String method) throws InterruptedException {
        id++;
        socket.sendText("{\"id\":" + id + ",\"method\":\"" + method + "\"}", true)
                .join();
        while (true) {
            String answer = heard.poll(60, TimeUnit.SECONDS);
            assertThat(answer).as("an answer to " + method).isNotNull();
            JsonNode found = Agent.JSON.readTree(answer);
            if (found.path("id").asInt() == id) {
                return found;
            }
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        text.append(part);
        if (last) {
            heard.add(text.toString());
            text.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public void close() {
        socket.abort();
    }
}
