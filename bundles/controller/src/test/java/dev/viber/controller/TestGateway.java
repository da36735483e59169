package dev.viber.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.websocket.api.Callback;
import org.eclipse.jetty.websocket.api.Session;
import org.eclipse.jetty.websocket.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The gateway's side of the protocol on a real socket: takes frames in by their count, and can be told to misbehave. */
final class TestGateway {
    private static final long PATIENCE_S = 20;

    private final Server server = new Server(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    private final BlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
    private final BlockingQueue<Map<String, String>> upgrades = new LinkedBlockingQueue<>();
    private final Map<String, Long> last = new HashMap<>();
    private final List<JsonNode> taken = new ArrayList<>();
    private final List<String> wrongs = new ArrayList<>();
    private @Nullable Session session;

    /** Whether it answers the subprotocol and says welcome. */
    volatile boolean welcoming = true;

    /** Whether it acknowledges frames. */
    volatile boolean acking = true;

    /** Whether every task a viber announces is none of its own. */
    volatile boolean discarding;

    private int cutAfter = -1;

    /** Cuts the socket after this many more frames; negative for never. */
    synchronized void cutAfter(int frames) {
        cutAfter = frames;
    }

    /** The only token it takes. */
    volatile String token = "secret";

    /** Answers the next upgrade with 429 and this header; null for not. */
    volatile @Nullable String busyFor;

    TestGateway() throws Exception {
        server.setHandler(WebSocketUpgradeHandler.from(
                server,
                container -> container.addMapping("/vibers/ws", (request, response, callback) -> {
                    return upgrade(request, response, callback);
                })));
        server.start();
    }

    String address() {
        return "ws://127.0.0.1:" + ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    }

    private @Nullable Object upgrade(
            ServerUpgradeRequest request, ServerUpgradeResponse response, org.eclipse.jetty.util.Callback callback) {
        Map<String, String> headers = new HashMap<>();
        request.getHeaders().forEach(field -> headers.put(field.getLowerCaseName(), field.getValue()));
        upgrades.add(headers);
        if (!("Bearer " + token).equals(headers.get("authorization"))) {
            Response.writeError(request, response, callback, 401);
            return null;
        }
        String busy = busyFor;
        if (busy != null) {
            busyFor = null;
            response.getHeaders().put("Retry-After", busy);
            Response.writeError(request, response, callback, 429);
            return null;
        }
        if (welcoming && request.getSubProtocols().contains("viber.v1")) {
            response.setAcceptedSubProtocol("viber.v1");
        }
        return new Side();
    }

    /** One socket. */
    public final class Side implements Session.Listener.AutoDemanding {
        private @Nullable Session mine;

        @Override
        public void onWebSocketOpen(Session opened) {
            mine = opened;
            opened.setMaxTextMessageSize(8 << 20);
        }

        @Override
        public void onWebSocketText(String text) {
            Session from = Objects.requireNonNull(mine);
            synchronized (TestGateway.this) {
                JsonNode frame = Frames.JSON.readTree(text);
                String type = frame.path("type").stringValue("");
                if (type.equals("connected")) {
                    session = from;
                    if (welcoming) {
                        welcome(frame.path("viber").path("tasks"));
                    }
                } else if (type.startsWith("task:")) {
                    take(frame, from);
                }
                received.add(frame);
            }
        }
    }

    private void welcome(JsonNode tasks) {
        List<Map<String, Object>> resume = new ArrayList<>();
        for (JsonNode task : tasks) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("taskId", task.path("taskId").asString());
            entry.put("attempt", task.path("attempt").asInt());
            entry.put("vseq", last.getOrDefault(key(task), 0L));
            if (discarding) {
                entry.put("discard", true);
            }
            resume.add(entry);
        }
        Map<String, Object> welcome = new LinkedHashMap<>();
        welcome.put("type", "welcome");
        welcome.put("gatewayId", "g-test");
        welcome.put("protocol", 1);
        welcome.put("heartbeatMs", 60_000);
        welcome.put("maxFrameBytes", 65_536);
        welcome.put("resume", resume);
        send(welcome);
    }

    private static String key(JsonNode frame) {
        return frame.path("taskId").asString() + "/" + frame.path("attempt").asInt();
    }

    private void take(JsonNode frame, Session from) {
        long vseq = frame.path("vseq").asLong();
        long had = last.getOrDefault(key(frame), 0L);
        if (vseq > had + 1) {
            wrongs.add("a gap behind %d: %s".formatted(had, frame));
            from.close(1002, "gap", Callback.NOOP);
            return;
        }
        if (vseq == had + 1) {
            last.put(key(frame), vseq);
            taken.add(frame);
        }
        if (cutAfter >= 0 && cutAfter-- == 0) {
            from.disconnect();
            return;
        }
        if (acking && welcoming) {
            acknowledge(frame);
        }
    }

    private void acknowledge(JsonNode frame) {
        Map<String, Object> ack = new LinkedHashMap<>();
        ack.put("type", "ack");
        ack.put("taskId", frame.path("taskId").asString());
        ack.put("attempt", frame.path("attempt").asInt());
        ack.put("vseq", frame.path("vseq").asLong());
        send(ack);
    }

    /** Acknowledges all it has taken in. */
    synchronized void acknowledgeAll() {
        taken.forEach(this::acknowledge);
    }

    /** Sends a frame on the present socket. */
    synchronized void send(Map<String, Object> frame) {
        sendText(Frames.json(frame));
    }

    /** Sends text on the present socket. */
    synchronized void sendText(String text) {
        Objects.requireNonNull(session, "no viber is connected").sendText(text, Callback.NOOP);
    }

    /** Cuts the present socket without a close frame. */
    synchronized void cut() {
        Objects.requireNonNull(session, "no viber is connected").disconnect();
    }

    /** Closes the present socket. */
    synchronized void close(int code, String reason) {
        Objects.requireNonNull(session, "no viber is connected").close(code, reason, Callback.NOOP);
    }

    /** The next frame of this type; frames before it are passed over. */
    JsonNode next(String type) throws InterruptedException {
        return next(frame -> frame.path("type").stringValue("").equals(type), type);
    }

    /** The next frame like this; frames before it are passed over. */
    JsonNode next(Predicate<JsonNode> wanted, String what) throws InterruptedException {
        List<JsonNode> passed = new ArrayList<>();
        while (true) {
            JsonNode frame = received.poll(PATIENCE_S, TimeUnit.SECONDS);
            assertThat(frame).as("%s, behind %s", what, passed).isNotNull();
            if (wanted.test(frame)) {
                return frame;
            }
            passed.add(frame);
        }
    }

    /** The headers of the next upgrade asked for. */
    Map<String, String> nextUpgrade() throws InterruptedException {
        Map<String, String> headers = upgrades.poll(PATIENCE_S, TimeUnit.SECONDS);
        assertThat(headers).as("an upgrade").isNotNull();
        return Objects.requireNonNull(headers);
    }

    /** The counts of the frames taken in of a task's attempt, in order. */
    synchronized List<Long> taken(String key) {
        return taken.stream()
                .filter(frame -> key(frame).equals(key))
                .map(frame -> frame.path("vseq").asLong())
                .toList();
    }

    /** What the viber did wrong. */
    synchronized List<String> wrongs() {
        return List.copyOf(wrongs);
    }

    void stop() throws Exception {
        server.stop();
    }
}
