package dev.viber.live.view;

import dev.viber.api.vm.GuestVisits.Visit;
import dev.viber.api.vm.VmDesk.Door;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One connection to the DevTools of a guest's browser, and its agent beside it; safe for use by several threads. */
final class DevTools implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Bytes of an answer to a request; characters of a message, and of events that nobody has dealt with yet. */
    private static final int LONGEST_ANSWER = 1024 * 1024;

    private static final int LONGEST_MESSAGE = 16 * 1024 * 1024;
    private static final long MOST_BEHIND = 2L * LONGEST_MESSAGE;
    private static final int MOST_OUTGOING = 4096;
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Is told events in their order; must not wait for anything. */
    interface Listener {
        /**
         * An event; the session is empty where it is the browser's own.
         *
         * @param done is to be run when it has been dealt with
         */
        void event(String session, String method, JsonNode parameters, Runnable done);
    }

    /** Chrome refused, or is gone. */
    static final class ChromeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ChromeException(String message) {
            super(message);
        }
    }

    private final Visit visit;
    private final Door door;
    private final Listener listener;
    private final HttpClient client;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<String> outgoing = new LinkedBlockingQueue<>();
    private final AtomicLong behind = new AtomicLong();
    private final CompletableFuture<String> gone = new CompletableFuture<>();
    private final WebSocket socket;
    private final Thread writer;

    /**
     * Connects to the browser itself.
     *
     * @param visit is over when this is closed, or does not connect
     * @throws IOException where the guest or its Chrome does not answer
     */
    DevTools(Visit visit, Listener listener) throws IOException, InterruptedException {
        this.visit = visit;
        door = visit.door();
        this.listener = listener;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .executor(command -> Thread.ofVirtual().name("live-devtools").start(command))
                .build();
        boolean connected = false;
        try {
            String url = get(door.devtools(), "/json/version")
                    .path("webSocketDebuggerUrl")
                    .asString("");
            int path = url.indexOf("/devtools/");
            if (path < 0) {
                throw new IOException("the browser tells no webSocketDebuggerUrl");
            }
            socket = client.newWebSocketBuilder()
                    .connectTimeout(PATIENCE)
                    .header("Authorization", "Bearer " + door.token())
                    .buildAsync(uri("ws", door.devtools(), url.substring(path)), new Incoming())
                    .join();
            connected = true;
        } catch (CompletionException e) {
            throw new IOException("DevTools cannot be connected to: " + e.getCause(), e);
        } finally {
            if (!connected) {
                client.shutdownNow();
                visit.close();
            }
        }
        writer = Thread.ofVirtual().name("live-devtools-out").start(this::write);
    }

    /** Done, with the reason, once it is of no use any more. */
    CompletableFuture<String> gone() {
        return gone;
    }

    /** Asks the browser; the answer fails with a {@link ChromeException}. */
    CompletableFuture<JsonNode> send(String session, String method, Map<String, ?> parameters) {
        long id = ids.incrementAndGet();
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", id);
        message.put("method", method);
        message.put("params", parameters);
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        outgoing.add(JSON.writeValueAsString(message));
        if (outgoing.size() > MOST_OUTGOING) {
            end("Chrome takes nothing any more");
            socket.abort();
        }
        if (gone.isDone()) {
            end(gone.join());
        }
        return answer;
    }

    /** Asks what needs no answer: what Chrome makes of it is seen by what it does. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void tell(String session, String method, Map<String, ?> parameters) {
        send(session, method, parameters);
    }

    /**
     * The tab that the agent holds for the active one; empty where it knows none.
     *
     * @throws IOException where the agent does not answer
     */
    String activeTab() throws IOException, InterruptedException {
        for (JsonNode tab : get(door.agent(), "/v1/tabs").path("tabs")) {
            if (tab.path("active").asBoolean(false)) {
                return tab.path("id").asString("");
            }
        }
        return "";
    }

    /**
     * Has the agent make this tab the active one.
     *
     * @throws IOException where it does not, with its own words
     */
    void activate(String tab) throws IOException, InterruptedException {
        String path = "/v1/tabs/" + java.net.URLEncoder.encode(tab, java.nio.charset.StandardCharsets.UTF_8);
        ask(request(door.agent(), path + "/activate")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{}"))
                .build());
    }

    private JsonNode get(InetSocketAddress address, String path) throws IOException, InterruptedException {
        return ask(request(address, path).GET().build());
    }

    private HttpRequest.Builder request(InetSocketAddress address, String path) {
        return HttpRequest.newBuilder(uri("http", address, path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + door.token());
    }

    private JsonNode ask(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = client.send(request, BodyHandlers.ofInputStream());
        try (InputStream in = answer.body()) {
            byte[] body = in.readNBytes(LONGEST_ANSWER + 1);
            if (body.length > LONGEST_ANSWER) {
                throw new IOException("the guest's answer is longer than %d bytes".formatted(LONGEST_ANSWER));
            }
            JsonNode json = JSON.readTree(body);
            if (answer.statusCode() != 200) {
                throw new IOException(json.path("error").asString("the guest answered " + answer.statusCode()));
            }
            return json;
        } catch (tools.jackson.core.JacksonException e) {
            throw new IOException("the guest answered %d, not with JSON".formatted(answer.statusCode()), e);
        }
    }

    private static URI uri(String scheme, InetSocketAddress address, String path) {
        return URI.create(
                "%s://%s:%d%s".formatted(scheme, address.getAddress().getHostAddress(), address.getPort(), path));
    }

    @Override
    public void close() {
        end("the live view let go of it");
        socket.abort();
        writer.interrupt();
        client.shutdownNow();
        visit.close();
    }

    private void write() {
        try {
            while (true) {
                socket.sendText(outgoing.take(), true).join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (CompletionException e) {
            end("the connection to Chrome broke: " + e.getCause());
        }
    }

    private void end(String why) {
        gone.complete(why);
        ChromeException failure = new ChromeException(gone.join());
        waiting.values().forEach(each -> each.completeExceptionally(failure));
        waiting.clear();
    }

    private void take(String text) {
        JsonNode message = JSON.readTree(text);
        JsonNode id = message.path("id");
        if (id.isMissingNode()) {
            if (behind.addAndGet(text.length()) > MOST_BEHIND) {
                end("Chrome tells more than can be shown");
                return;
            }
            listener.event(
                    message.path("sessionId").asString(""),
                    message.path("method").asString(""),
                    message.path("params"),
                    () -> behind.addAndGet(-text.length()));
            return;
        }
        CompletableFuture<JsonNode> one = waiting.remove(id.asLong());
        if (one == null) {
            return;
        }
        JsonNode error = message.path("error");
        if (error.isMissingNode()) {
            one.complete(message.path("result"));
        } else {
            one.completeExceptionally(new ChromeException(error.path("message").asString("Chrome refused")));
        }
    }

    private final class Incoming implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            if (text.length() + part.length() > LONGEST_MESSAGE) {
                end("a message of Chrome is longer than %d characters".formatted(LONGEST_MESSAGE));
            } else {
                text.append(part);
            }
            if (last && !gone.isDone()) {
                String whole = text.toString();
                text.setLength(0);
                take(whole);
            }
            if (gone.isDone()) {
                from.abort();
            } else {
                from.request(1);
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            end("Chrome closed the connection");
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            end("the connection to Chrome broke: " + error.getMessage());
        }
    }
}
