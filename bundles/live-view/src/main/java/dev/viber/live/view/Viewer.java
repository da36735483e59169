package dev.viber.live.view;

import dev.viber.api.auth.Principal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.FutureCallback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * One socket of a person who watches. What is to be told waits in a short queue, of pictures only the latest; a viewer
 * that acknowledges pictures is sent the next one when it has shown all but one of those before.
 */
final class Viewer implements FrameHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Viewer.class);
    private static final long PING_S = 20;
    private static final Duration SILENCE = Duration.ofSeconds(50);
    private static final int MOST_INBOUND = 64 * 1024;
    private static final int MOST_WAITING = 256;
    private static final int UNSHOWN = 2;
    private static final int TOO_LARGE = 1009;

    private final String id;
    private final Principal by;
    private final boolean control;
    private final boolean acknowledges;
    private final Screen screen;
    private final Consumer<Viewer> onEnd;
    private final ByteArrayOutputStream incoming = new ByteArrayOutputStream();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<String> texts = new ArrayDeque<>();
    private final Deque<Frame> unshown = new ArrayDeque<>();
    private @Nullable Frame latest;
    private boolean closed;
    private volatile @Nullable CoreSession session;
    private boolean binary;

    /**
     * A viewer whose socket is about to open.
     *
     * @param acknowledges whether it says what it has shown; else what is written counts as shown
     * @param onEnd is told when its socket is closed
     */
    Viewer(String id, Principal by, boolean control, boolean acknowledges, Screen screen, Consumer<Viewer> onEnd) {
        this.id = id;
        this.by = by;
        this.control = control;
        this.acknowledges = acknowledges;
        this.screen = screen;
        this.onEnd = onEnd;
    }

    String id() {
        return id;
    }

    Principal by() {
        return by;
    }

    boolean mayControl() {
        return control;
    }

    /** Has it told this, behind what waits; one that lets too much wait is let go. */
    void tell(Map<String, ?> message) {
        lock.lock();
        try {
            texts.add(JsonMapper.shared().writeValueAsString(message));
            changed.signalAll();
            if (texts.size() <= MOST_WAITING) {
                return;
            }
        } finally {
            lock.unlock();
        }
        close(CloseStatus.POLICY_VIOLATION, "too slow: %d messages wait".formatted(MOST_WAITING));
    }

    /** Has it shown this, instead of what it has not been sent yet. */
    void show(Frame frame) {
        lock.lock();
        try {
            latest = frame;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** It has shown the picture of this number, and all before. */
    void shown(long seq) {
        Frame last = null;
        lock.lock();
        try {
            while (!unshown.isEmpty() && unshown.getFirst().seq() <= seq) {
                last = unshown.removeFirst();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (last != null) {
            screen.taken(last);
        }
    }

    void close(int code, String reason) {
        CoreSession present = session;
        if (present != null) {
            present.close(code, reason, Callback.NOOP);
        }
    }

    @Override
    public void onOpen(CoreSession opened, Callback callback) {
        session = opened;
        opened.setIdleTimeout(SILENCE);
        // Of either direction: pictures go out in several, and what comes in is counted over all of its own.
        opened.setMaxFrameSize(MOST_INBOUND);
        opened.setAutoFragment(true);
        callback.succeeded();
        screen.add(this);
        Thread.ofVirtual().name("live-viewer").start(this::write);
        opened.demand();
    }

    private void write() {
        try {
            while (true) {
                String text = null;
                Frame frame = null;
                boolean ping = false;
                lock.lock();
                try {
                    long left = TimeUnit.SECONDS.toNanos(PING_S);
                    while (!closed && texts.isEmpty() && (latest == null || unshown.size() >= UNSHOWN) && left > 0) {
                        left = changed.awaitNanos(left);
                    }
                    if (closed) {
                        return;
                    }
                    text = texts.poll();
                    if (text == null && latest != null && unshown.size() < UNSHOWN) {
                        frame = latest;
                        latest = null;
                        unshown.add(frame);
                    }
                    ping = text == null && frame == null;
                } finally {
                    lock.unlock();
                }
                if (text != null) {
                    send(OpCode.TEXT, StandardCharsets.UTF_8.encode(text));
                } else if (frame != null) {
                    send(OpCode.TEXT, StandardCharsets.UTF_8.encode(frame.meta()));
                    send(OpCode.BINARY, frame.jpeg().duplicate());
                    if (!acknowledges) {
                        shown(frame.seq());
                    }
                } else if (ping) {
                    send(OpCode.PING, ByteBuffer.allocate(0));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("a viewer is gone", e);
            CoreSession present = session;
            if (present != null) {
                present.abort();
            }
        }
    }

    private void send(byte opCode, ByteBuffer bytes) throws InterruptedException, ExecutionException, TimeoutException {
        CoreSession present = session;
        if (present == null) {
            return;
        }
        FutureCallback written = new FutureCallback();
        present.sendFrame(new org.eclipse.jetty.websocket.core.Frame(opCode, bytes), written, false);
        written.get(SILENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void onFrame(org.eclipse.jetty.websocket.core.Frame frame, Callback callback) {
        CoreSession present = session;
        if (present == null) {
            callback.failed(new IllegalStateException("a frame before the socket opened"));
            return;
        }
        switch (frame.getOpCode()) {
            case OpCode.PING -> {
                byte[] payload = new byte[frame.getPayloadLength()];
                frame.getPayload().get(payload);
                present.sendFrame(
                        new org.eclipse.jetty.websocket.core.Frame(OpCode.PONG, ByteBuffer.wrap(payload)),
                        Callback.NOOP,
                        false);
            }
            case OpCode.TEXT, OpCode.BINARY, OpCode.CONTINUATION -> {
                if (!take(frame)) {
                    callback.succeeded();
                    present.close(TOO_LARGE, "a message may be %d bytes".formatted(MOST_INBOUND), Callback.NOOP);
                    return;
                }
            }
            case OpCode.CLOSE -> {
                callback.succeeded();
                return; // nothing comes behind it
            }
            default -> {
                // a pong: it is there
            }
        }
        callback.succeeded();
        present.demand();
    }

    private boolean take(org.eclipse.jetty.websocket.core.Frame frame) {
        if (frame.getOpCode() != OpCode.CONTINUATION) {
            incoming.reset();
            binary = frame.getOpCode() == OpCode.BINARY;
        }
        if (incoming.size() + frame.getPayloadLength() > MOST_INBOUND) {
            return false;
        }
        byte[] payload = new byte[frame.getPayloadLength()];
        frame.getPayload().get(payload);
        incoming.writeBytes(payload);
        if (frame.isFin()) {
            String message = incoming.toString(StandardCharsets.UTF_8);
            incoming.reset();
            try {
                if (binary) {
                    throw new Wish.BadWishException("the message is binary; wanted a JSON text");
                }
                switch (Wish.of(message)) {
                    case Wish.Ack ack -> shown(ack.seq());
                    case Wish wish -> screen.ask(this, wish);
                }
            } catch (Wish.BadWishException e) {
                error("malformed", String.valueOf(e.getMessage()));
            }
        }
        return true;
    }

    /** Tells it that something asked for cannot be, or went wrong. */
    void error(String code, String detail) {
        tell(Map.of("type", "error", "code", code, "detail", detail));
    }

    @Override
    public void onError(Throwable cause, Callback callback) {
        LOG.debug("a viewer's socket failed", cause);
        callback.succeeded();
    }

    @Override
    public void onClosed(CloseStatus status, Callback callback) {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        screen.remove(this);
        onEnd.accept(this);
        callback.succeeded();
    }
}
