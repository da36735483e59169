package dev.viber.auth;

import dev.viber.api.store.Tables.TokenRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells at once when a token expires, so that what it opened can be closed; waits for the earliest and for nothing else. */
final class Expiries implements AutoCloseable {
    private record Due(Instant at, String tokenId) {}

    // The wall clock may be set meanwhile; nothing is waited for longer than this without a look at it.
    private static final Duration LONGEST_WAIT = Duration.ofHours(1);

    private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparing(Due::at));
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Consumer<String> expired;
    private final Thread thread;

    /** {@code expired} is given the ids of tokens that expired, on a thread of its own. */
    Expiries(Consumer<String> expired) {
        this.expired = expired;
        thread = Thread.ofVirtual().name("token-expiry").start(this::run);
    }

    /** Waits for these as well. */
    void watch(List<TokenRow> rows) {
        lock.lock();
        try {
            Instant now = Instant.now();
            for (TokenRow row : rows) {
                @Nullable Instant at = row.expiresAt();
                if (at != null && Keys.isValid(row, now)) {
                    due.add(new Due(at, row.id()));
                }
            }
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (true) {
                next().forEach(expired);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<String> next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            List<String> over = new ArrayList<>();
            while (over.isEmpty()) {
                Due first = due.peek();
                long wait = first == null
                        ? LONGEST_WAIT.toNanos()
                        : Math.min(
                                        LONGEST_WAIT.toMillis(),
                                        Duration.between(Instant.now(), first.at)
                                                        .toMillis()
                                                + 1)
                                * 1_000_000;
                if (wait > 0) {
                    changed.await(wait, TimeUnit.NANOSECONDS);
                }
                Instant now = Instant.now();
                for (Due head = due.peek(); head != null && !now.isBefore(head.at); head = due.peek()) {
                    over.add(head.tokenId);
                    due.remove();
                }
            }
            return over;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
