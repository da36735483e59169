package dev.viber.browser.control;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection to Chrome's DevTools: methods by name with their parameters as trees, flat sessions; safe for use by several
 * threads.
 *
 * <p>The protocol has some 600 methods; the 50 in use here do not earn a generated class each.
 */
final class DevTools implements AutoCloseable {
    private static final int COMES_UP_WITHIN_S = 10;
    private static final int LARGE = 1 << 20;

    private final Listener listener;
    private final AtomicLong ids = new AtomicLong();
    private final Map<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<String> outgoing = new LinkedBlockingQueue<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("devtools-", 0).factory());
    private final HttpClient client;
    private final WebSocket socket;
    private final CompletableFuture<Failure> gone = new CompletableFuture<>();

    /** Is told events in their order, before answers that came behind them; must not wait for anything. */
    interface Listener {
        /** An event; the session is empty where it is the browser's own. */
        void event(String session, String method, Tree parameters);
    }

    private record Waiting(String session, String method, CompletableFuture<Tree> answer) {}

    /** Connects. */
    DevTools(URI uri, Listener listener) {
        this.listener = listener;
        client = HttpClient.newBuilder().executor(threads).build();
        try {
            socket = client.newWebSocketBuilder()
                    .buildAsync(uri, new Incoming())
                    .orTimeout(COMES_UP_WITHIN_S, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException e) {
            client.shutdownNow();
            throw new Failure(502, "chrome_gone", "Chrome's DevTools cannot be connected to: " + e.getCause());
        }
        threads.execute(this::write);
    }

    /** Whether it is of use yet. */
    boolean isOpen() {
        return !gone.isDone();
    }

    /** Done, with the reason, once it is of no use any more. */
    CompletableFuture<Failure> gone() {
        return gone;
    }

    /** Sends; the answer fails with a {@link Failure}. */
    CompletableFuture<Tree> send(String session, String method, Map<String, ?> parameters) {
        long id = ids.incrementAndGet();
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("id", id);
        message.put("method", method);
        message.put("params", parameters);
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        CompletableFuture<Tree> answer = new CompletableFuture<>();
        waiting.put(id, new Waiting(session, method, answer));
        outgoing.add(Json.write(message));
        if (gone.isDone()) {
            end(gone.join());
        }
        return answer;
    }

    /** Sends what needs no answer: what Chrome makes of it is seen by what it does. */
    @SuppressWarnings("FutureReturnValueIgnored")
    void tell(String session, String method, Map<String, ?> parameters) {
        send(session, method, parameters);
    }

    /** Sends and waits for the answer. */
    Tree call(String session, String method, Map<String, ?> parameters, Deadline deadline) {
        return await(send(session, method, parameters), method, deadline);
    }

    /** Waits for an answer. */
    static Tree await(CompletableFuture<Tree> answer, String method, Deadline deadline) {
        try {
            return answer.get(deadline.leftNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw Failure.timeout("Chrome did not answer " + method, deadline);
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(503, "stopping", "the agent stops");
        }
    }

    /** Nothing will be answered for this session any more. */
    void forget(String session, Failure why) {
        waiting.values().stream()
                .filter(each -> each.session().equals(session))
                .forEach(each -> each.answer().completeExceptionally(why));
    }

    @Override
    public void close() {
        end(new Failure(503, "replaced", "what serves the call was replaced meanwhile; ask again"));
        socket.abort();
        client.shutdownNow();
        threads.shutdownNow();
    }

    private static Failure failure(@Nullable Throwable cause) {
        return cause instanceof Failure failure ? failure : new Failure(500, "internal", String.valueOf(cause));
    }

    private void write() {
        try {
            while (true) {
                socket.sendText(outgoing.take(), true).join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (CompletionException e) {
            end(lost("the connection to Chrome broke: " + e.getCause()));
        }
    }

    private static Failure lost(String text) {
        return new Failure(502, "chrome_gone", text);
    }

    private void end(Failure why) {
        gone.complete(why);
        waiting.values().forEach(each -> each.answer().completeExceptionally(gone.join()));
        waiting.clear();
    }

    private void take(String text) {
        Tree message = new Tree(Json.read(text));
        String session = message.get("sessionId").text();
        if (message.get("id").isNothing()) {
            listener.event(session, message.get("method").text(), message.get("params"));
            return;
        }
        Waiting one = waiting.remove(message.get("id").number());
        if (one == null) {
            return;
        }
        Tree error = message.get("error");
        if (error.isNothing()) {
            one.answer().complete(message.get("result"));
        } else {
            String data = error.get("data").text();
            one.answer()
                    .completeExceptionally(new Failure.Refused(
                            one.method(), error.get("message").text() + (data.isEmpty() ? "" : " (" + data + ")")));
        }
    }

    private final class Incoming implements WebSocket.Listener {
        private StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                String whole = text.toString();
                if (whole.length() > LARGE) {
                    text = new StringBuilder(); // the room of one large picture is not kept for good
                } else {
                    text.setLength(0);
                }
                take(whole);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            end(lost("Chrome closed the connection"));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            end(lost("the connection to Chrome broke: " + Objects.toString(error.getMessage(), error.toString())));
        }
    }
}
