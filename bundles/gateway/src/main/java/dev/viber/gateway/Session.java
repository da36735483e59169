package dev.viber.gateway;

import dev.viber.api.auth.Principal;
import dev.viber.api.store.Tables.CommandRow;
import dev.viber.api.viber.ViberInfo;
import java.nio.charset.CharacterCodingException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import tools.jackson.databind.JsonNode;

/**
 * One viber's socket: frames come in in order and are made durable in groups; commands go out in the order of their
 * numbers. An idle session holds no thread.
 */
final class Session {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final int BEFORE_CONNECTED = 64 * 1024;
    private static final int MALFORMED_IN_A_ROW = 10;
    private static final int PENDING_BYTES = 1024 * 1024;
    private static final int BATCH = 4096;
    private static final long OUTGOING_BYTES = 16L * 1024 * 1024;

    private final Gateway gateway;
    private final Wire wire;
    private final Principal principal;

    private final ReentrantLock inbox = new ReentrantLock();
    private final Condition room = inbox.newCondition();
    private final Deque<Frame> pending = new ArrayDeque<>();
    private int pendingBytes;
    private boolean working;
    private boolean closed;

    private final ReentrantLock outbox = new ReentrantLock();
    private final AtomicLong outgoing = new AtomicLong();
    private long lastCommand;

    private int malformedInARow;
    private int unansweredPings;
    private volatile boolean over;
    private volatile @Nullable ViberInfo info;
    private volatile @Nullable Instant lastHeartbeat;
    private volatile @Nullable Instant connectedAt;
    private volatile Map<String, Object> status = Map.of();
    private volatile @Nullable JsonNode settledConfig;
    final Set<String> busy = ConcurrentHashMap.newKeySet();

    Session(Gateway gateway, Wire wire, Principal principal) {
        this.gateway = gateway;
        this.wire = wire;
        this.principal = principal;
    }

    /** The one viber this socket can be. */
    String viberId() {
        String id = principal.viberId();
        if (id == null) {
            throw new IllegalStateException("the token of this socket is bound to no viber");
        }
        return id;
    }

    Principal principal() {
        return principal;
    }

    /** What the viber said of itself; null before {@code connected} was taken in. */
    @Nullable
    ViberInfo info() {
        return info;
    }

    void info(ViberInfo said) {
        info = said;
        if (connectedAt == null) {
            connectedAt = Instant.now();
        }
    }

    @Nullable
    Instant connectedAt() {
        return connectedAt;
    }

    @Nullable
    Instant lastHeartbeat() {
        return lastHeartbeat;
    }

    /** The status of the last heartbeat. */
    Map<String, Object> status() {
        return status;
    }

    void heartbeat(Map<String, Object> said) {
        lastHeartbeat = Instant.now();
        status = said;
    }

    /** The configuration that both sides agree on; null where that is not known. */
    @Nullable
    JsonNode settledConfig() {
        return settledConfig;
    }

    void settledConfig(JsonNode reported) {
        settledConfig = reported;
    }

    /** The viber is told of another configuration: what it reports from now on counts. */
    void configSent() {
        settledConfig = null;
    }

    boolean isMinimal() {
        ViberInfo said = info;
        return said == null || !said.features().contains(Orders.ACK);
    }

    /** A frame came; waits while too much of what came before is not durable yet, so that the sender slows down. */
    void received(byte[] text) {
        if (text.length > (info == null ? BEFORE_CONNECTED : gateway.settings().maxFrameBytes())) {
            close(CloseCode.TOO_LARGE, "frame too large");
            return;
        }
        Frame frame;
        try {
            frame = FrameReader.read(text);
        } catch (FrameReader.MalformedFrameException e) {
            malformed(e.getMessage());
            return;
        } catch (CharacterCodingException e) {
            close(CloseCode.MALFORMED, "text that is not UTF-8");
            return;
        }
        malformedInARow = 0;
        enqueue(frame);
    }

    /** A frame came that is not even text. */
    void receivedBinary() {
        malformed("a binary frame; wanted text");
    }

    private void malformed(@Nullable String why) {
        gateway.counters().malformed.increment();
        if (!isMinimal()) {
            send(Infos.json(Map.of("type", "error", "code", "malformed", "message", String.valueOf(why))));
        }
        if (++malformedInARow >= MALFORMED_IN_A_ROW) {
            close(CloseCode.MALFORMED, "%d malformed frames in a row".formatted(malformedInARow));
        }
    }

    private void enqueue(Frame frame) {
        inbox.lock();
        try {
            while (pendingBytes > PENDING_BYTES && !closed) {
                room.await();
            }
            if (closed) {
                return;
            }
            pending.add(frame);
            pendingBytes += frame.size();
            startWork();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            inbox.unlock();
        }
    }

    private void startWork() {
        if (!working) {
            working = true;
            Thread.ofVirtual().name("viber-" + viberId()).start(this::work);
        }
    }

    private void work() {
        MDC.put("viber", viberId());
        try {
            for (List<Frame> batch = next(); !batch.isEmpty(); batch = next()) {
                gateway.inbound().take(this, batch);
            }
        } catch (RuntimeException e) {
            LOG.warn("viber {}: what it sent could not be kept, it has to send again: {}", viberId(), e.toString());
            close(CloseCode.RESTART, "the gateway cannot keep what you send; try again");
            abandon();
        }
    }

    private List<Frame> next() {
        inbox.lock();
        try {
            List<Frame> batch = new ArrayList<>(Math.min(pending.size(), BATCH));
            while (batch.size() < BATCH && !pending.isEmpty()) {
                Frame frame = pending.remove();
                pendingBytes -= frame.size();
                batch.add(frame);
            }
            room.signalAll();
            working = !batch.isEmpty();
            if (!working && closed) {
                gateway.ended(this);
            }
            return batch;
        } finally {
            inbox.unlock();
        }
    }

    private void abandon() {
        inbox.lock();
        try {
            closed = true;
            pending.clear();
            pendingBytes = 0;
            working = false;
            room.signalAll();
        } finally {
            inbox.unlock();
        }
        gateway.ended(this);
    }

    /** Whether either side has ended it, although what it sent may still be taken in. */
    boolean isOver() {
        return over;
    }

    /** The socket is gone; what came before is still taken in. */
    void closed() {
        over = true;
        inbox.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            room.signalAll();
            startWork();
        } finally {
            inbox.unlock();
        }
    }

    /** Sends what the store holds for this viber and was not sent on this socket, in the order of the numbers. */
    void pump() {
        outbox.lock();
        try {
            for (CommandRow command : gateway.pendingCommands(viberId())) {
                if (command.cmd() > lastCommand) {
                    lastCommand = command.cmd();
                    send("{\"cmd\":" + command.cmd() + "," + command.body().substring(1));
                }
            }
        } finally {
            outbox.unlock();
        }
    }

    /** Sends a frame; a viber that reads too slowly to keep up is sent away. */
    void send(String frame) {
        if (outgoing.addAndGet(frame.length()) > OUTGOING_BYTES) {
            close(CloseCode.TOO_SLOW, "too much is waiting to be read");
            return;
        }
        outbox.lock();
        try {
            wire.send(frame, sent -> outgoing.addAndGet(-frame.length()));
        } finally {
            outbox.unlock();
        }
    }

    /** Pings; false where the viber left the two before unanswered. */
    boolean ping() {
        if (unansweredPings >= 2) {
            return false;
        }
        unansweredPings++;
        wire.ping();
        return true;
    }

    void pong() {
        unansweredPings = 0;
    }

    void close(int code, String reason) {
        over = true;
        wire.close(code, reason);
    }
}
