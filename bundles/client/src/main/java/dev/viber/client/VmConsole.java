package dev.viber.client;

import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The serial console of a VM, open: what it prints comes in, what is typed goes out. */
public final class VmConsole implements AutoCloseable {
    private static final int NORMAL = 1000;
    /** Never sent: what a close without one counts as. */
    private static final int BROKEN = 1006;
    /** How long a server may take to read what was typed before the close. */
    private static final long LEAVE_S = 10;

    private final URI uri;
    private final Printed printed;
    private final CompletableFuture<Boolean> input = new CompletableFuture<>();
    private final CompletableFuture<String> end = new CompletableFuture<>();
    private volatile @Nullable WebSocket socket;
    private volatile boolean leaving;

    /** Takes in what a console prints. */
    @FunctionalInterface
    public interface Printed {
        /** These bytes; the next come when it returns. */
        void bytes(ByteBuffer bytes) throws IOException;
    }

    private VmConsole(URI uri, Printed printed) {
        this.uri = uri;
        this.printed = printed;
    }

    static VmConsole open(WebSocket.Builder builder, URI uri, Printed printed) {
        VmConsole console = new VmConsole(uri, printed);
        try {
            console.socket = builder.buildAsync(uri, console.new Incoming()).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof WebSocketHandshakeException refused) {
                int status = refused.getResponse().statusCode();
                String told = "{\"error\":\"the server answered %d to %s\"}".formatted(status, uri.getPath());
                throw ViberClient.problem(status, told.getBytes(StandardCharsets.UTF_8));
            }
            throw new UnreachableException(
                    uri, e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
        }
        return console;
    }

    /** Whether what is typed gets anywhere; waits until the server has said so. False where it closed instead. */
    public boolean takesInput() throws InterruptedException {
        try {
            return input.get();
        } catch (ExecutionException e) {
            return false;
        }
    }

    /** Types this; returns when it is on its way. */
    public void type(ByteBuffer bytes) {
        WebSocket present = socket;
        if (present == null) {
            throw new IllegalStateException("the console is not open");
        }
        try {
            present.sendBinary(bytes, true).join();
        } catch (CompletionException e) {
            throw new UnreachableException(uri, new IOException("the console closed", e));
        }
    }

    /**
     * Waits for the end; the server's words about it, empty where it had none.
     *
     * @throws UnreachableException where the connection broke
     */
    public String awaitEnd() throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw new UnreachableException(uri, e.getCause() == null ? e : e.getCause());
        }
    }

    /**
     * Leaves; the machine does not notice. Returns when the server has read what was typed before, or after ten seconds: a
     * connection that is dropped while the console's answers wait in it is reset, and what the server has not read yet is
     * lost with it.
     */
    @Override
    public void close() {
        leaving = true;
        WebSocket present = socket;
        if (present == null || end.isDone()) {
            return;
        }
        if (!present.isOutputClosed()) {
            present.sendClose(NORMAL, "").exceptionally(e -> present);
        }
        try {
            end.get(LEAVE_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return; // awaitEnd tells
        } catch (TimeoutException e) {
            end.complete("");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end.complete("");
        }
        present.abort();
    }

    private final class Incoming implements WebSocket.Listener {
        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            input.complete(text.toString().contains("true"));
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer bytes, boolean last) {
            try {
                if (!leaving) {
                    printed.bytes(bytes);
                }
                from.request(1);
            } catch (IOException e) {
                end.completeExceptionally(e);
                from.abort();
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            input.complete(false);
            if (code == BROKEN) {
                end.completeExceptionally(new EOFException("the connection broke"));
            } else {
                end.complete(reason);
            }
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            input.complete(false);
            end.completeExceptionally(failure);
        }
    }
}
