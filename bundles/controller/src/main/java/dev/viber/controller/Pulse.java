package dev.viber.controller;

import dev.viber.link.Link;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** The regular things of one connection: pings, heartbeats, and a heartbeat soon after something changed. */
final class Pulse {
    private static final int MISSED_PONGS = 2;

    private final Link link;
    private final Outbox outbox;
    private final Timing timing;
    private final LongSupplier heartbeatMs;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long changedAt;
    private boolean unsaid;

    Pulse(Link link, Outbox outbox, Timing timing, LongSupplier heartbeatMs) {
        this.link = link;
        this.outbox = outbox;
        this.timing = timing;
        this.heartbeatMs = heartbeatMs;
    }

    /** Tools or what else a heartbeat tells have changed; what changes right after goes along. */
    void changed() {
        lock.lock();
        try {
            if (!unsaid) {
                unsaid = true;
                changedAt = System.nanoTime();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Beats until interrupted, or until the other side is dead. */
    void run() {
        long pinged = System.nanoTime();
        long beaten = pinged;
        lock.lock();
        try {
            while (true) {
                long now = System.nanoTime();
                long untilPing = timing.ping().toNanos() - (now - pinged);
                long untilBeat = Duration.ofMillis(heartbeatMs.getAsLong()).toNanos() - (now - beaten);
                if (unsaid) {
                    untilBeat = Math.min(untilBeat, timing.debounce().toNanos() - (now - changedAt));
                }
                if (untilPing <= 0) {
                    if (link.unansweredPings() >= MISSED_PONGS) {
                        link.abort("%d pings unanswered".formatted(MISSED_PONGS));
                        return;
                    }
                    link.ping();
                    pinged = now;
                } else if (untilBeat <= 0) {
                    unsaid = false;
                    outbox.beat();
                    beaten = now;
                } else {
                    changed.awaitNanos(Math.min(untilPing, untilBeat));
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
