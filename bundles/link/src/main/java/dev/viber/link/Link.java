package dev.viber.link;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One WebSocket to the gateway: whole messages in, one message at a time out. */
public final class Link implements WebSocket.Listener {
    /** The subprotocol a gateway of ours answers. */
    public static final String SUBPROTOCOL = "viber.v1";

    /** The close code of a revoked token. */
    public static final int TOKEN_REVOKED = 4401;

    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final int MOST_CHARS_IN = 16 << 20;
    private static final int CLOSED_WITHOUT_CODE = 1006;

    /** How the connection ended. */
    public record Closing(int code, String reason) {}

    /** The server answered the upgrade with something else than 101. */
    public static final class Refused extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final transient @Nullable String retryAfter;

        Refused(int status, @Nullable String retryAfter) {
            super("the server refused the connection with HTTP status " + status);
            this.status = status;
            this.retryAfter = retryAfter;
        }

        /** The HTTP status. */
        public int status() {
            return status;
        }

        /** The header as sent; null for none. */
        public @Nullable String retryAfter() {
            return retryAfter;
        }
    }

    private final CompletableFuture<Closing> ended = new CompletableFuture<>();
    private final AtomicInteger unansweredPings = new AtomicInteger();
    private final StringBuilder partial = new StringBuilder();
    private volatile @Nullable WebSocket socket;
    private volatile @Nullable CompletableFuture<WebSocket> sending;
    private volatile Consumer<String> receiver = text -> {};

    private Link() {}

    /**
     * Dials; nothing is read until {@link #receive}.
     *
     * @throws Refused where the server answers with another HTTP status than 101
     */
    public static Link dial(
            HttpClient http,
            URI server,
            @Nullable String token,
            @Nullable String viberId,
            String version,
            Duration patience)
            throws IOException, InterruptedException {
        WebSocket.Builder builder = http.newWebSocketBuilder()
                .connectTimeout(patience)
                .subprotocols(SUBPROTOCOL)
                .header("X-Viber-Version", version);
        if (viberId != null) {
            builder.header("X-Viber-Id", viberId);
        }
        if (token != null) {
            builder.header("Authorization", "Bearer " + token);
        }
        Link link = new Link();
        CompletableFuture<WebSocket> opening = builder.buildAsync(server, link);
        try {
            link.socket = opening.get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return link;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException handshake) {
                var response = handshake.getResponse();
                if (response != null && response.statusCode() != 101) {
                    throw new Refused(
                            response.statusCode(),
                            response.headers().firstValue("Retry-After").orElse(null));
                }
            }
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new IOException("cannot reach %s: %s".formatted(server, describe(cause)), cause);
        } catch (TimeoutException e) {
            throw new IOException("no answer from %s within %d ms".formatted(server, patience.toMillis()), e);
        } finally {
            // Whoever opens after we gave up is of no use to anybody.
            var _ = opening.whenComplete((late, error) -> {
                if (late != null && link.socket == null) {
                    late.abort();
                }
            });
        }
    }

    private static String describe(Throwable error) {
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }

    /** Begins to read; the receiver is called with one whole message at a time, in order. */
    public void receive(Consumer<String> messages) {
        receiver = messages;
        open().request(1);
    }

    /** Whether the server answered our subprotocol: then it is a gateway that says {@code welcome}. */
    public boolean speaksViber() {
        return SUBPROTOCOL.equals(open().getSubprotocol());
    }

    /** Sends one message and returns when it is written; for one thread only. */
    public void send(String message) throws IOException, InterruptedException {
        CompletableFuture<WebSocket> sent = open().sendText(message, true);
        sending = sent;
        if (ended.isDone()) {
            sent.completeExceptionally(new IOException("the connection has ended"));
        }
        try {
            sent.get();
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new IOException("cannot send: " + describe(cause), cause);
        } finally {
            sending = null;
        }
    }

    /** Sends a WebSocket ping. */
    public void ping() {
        unansweredPings.incrementAndGet();
        var _ = open().sendPing(ByteBuffer.allocate(0)).exceptionally(error -> {
            abort("cannot send a ping: " + describe(error));
            return null;
        });
    }

    /** How many pings were sent since the last pong. */
    public int unansweredPings() {
        return unansweredPings.get();
    }

    /** How it ended; completes when it does. */
    public CompletableFuture<Closing> ended() {
        return ended;
    }

    /** Ends it at once. */
    public void abort(String why) {
        end(new Closing(CLOSED_WITHOUT_CODE, why));
        WebSocket there = socket;
        if (there != null) {
            there.abort();
        }
    }

    /** Says goodbye, and ends it at the latest after this long. */
    public void close(int code, String reason, Duration patience) {
        var _ = open().sendClose(code, reason).exceptionally(error -> {
            abort("cannot say goodbye: " + describe(error));
            return null;
        });
        try {
            ended.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("the server did not answer the close frame");
        }
        abort(reason);
    }

    private void end(Closing closing) {
        ended.complete(closing);
        CompletableFuture<WebSocket> underWay = sending;
        if (underWay != null) {
            underWay.completeExceptionally(new IOException(closing.reason()));
        }
    }

    private WebSocket open() {
        return Objects.requireNonNull(socket, "used before it was open");
    }

    @Override
    public void onOpen(WebSocket opened) {
        // Reading begins in receive(): what comes before the receiver is there stays in the socket.
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        partial.append(data);
        if (partial.length() > MOST_CHARS_IN) {
            abort("the server sent a message of more than %,d characters".formatted(MOST_CHARS_IN));
            return null;
        }
        if (last) {
            String message = partial.toString();
            partial.setLength(0);
            try {
                receiver.accept(message);
            } catch (RuntimeException e) {
                LOG.error("a frame could not be taken in; redialling", e);
                abort("a frame could not be taken in: " + describe(e));
                return null;
            }
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket from, ByteBuffer message) {
        unansweredPings.set(0);
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        end(new Closing(code, reason));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        end(new Closing(CLOSED_WITHOUT_CODE, describe(error)));
    }
}
