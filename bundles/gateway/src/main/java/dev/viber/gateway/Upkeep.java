package dev.viber.gateway;

import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What time brings: leases and deadlines that pass, pings, tasks kept long enough. */
final class Upkeep {
    private static final Logger LOG = LoggerFactory.getLogger(Upkeep.class);
    private static final int AT_ONCE = 500;
    private static final Duration PURGE = Duration.ofMinutes(10);

    private final Gateway gateway;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private boolean due;
    private long sweepAt = System.nanoTime();
    private @Nullable Thread clock;
    private @Nullable Thread pings;

    Upkeep(Gateway gateway) {
        this.gateway = gateway;
    }

    void start() {
        clock = Thread.ofVirtual().name("deadlines").start(() -> until(this::expire));
        pings = Thread.ofVirtual().name("pings").start(() -> until(this::pingAll));
    }

    void stop() {
        for (Thread thread : new Thread[] {clock, pings}) {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /** A lease or deadline was set that may be the earliest. */
    void wake() {
        lock.lock();
        try {
            due = true;
            woken.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** One round of a thread's work, which waits for its next. */
    private interface Round {
        void run() throws InterruptedException;
    }

    private static void until(Round round) {
        try {
            while (true) {
                try {
                    round.run();
                } catch (RuntimeException e) {
                    if (Thread.currentThread().isInterrupted()) {
                        throw new InterruptedException();
                    }
                    LOG.warn("upkeep failed and goes on: {}", e.toString());
                    TimeUnit.SECONDS.sleep(1);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped");
        }
    }

    private void expire() throws InterruptedException {
        Instant now = Instant.now();
        boolean more =
                Inbound.await(gateway.change((tables, effects) -> new TaskBook(tables, effects, now).expire(AT_ONCE)));
        if (more) {
            return;
        }
        Instant next = gateway.read(tables -> tables.tasks().nextDue());
        Duration wait = next == null ? PURGE : Duration.between(Instant.now(), next);
        lock.lock();
        try {
            long left = Math.min(wait.toNanos(), PURGE.toNanos());
            while (!due && left > 0) {
                left = woken.awaitNanos(left);
            }
            due = false;
        } finally {
            lock.unlock();
        }
        purge();
    }

    private void purge() {
        Instant before = Instant.now().minus(gateway.settings().keepEnded());
        while (Inbound.await(gateway.change((tables, effects) -> tables.tasks().purge(before, AT_ONCE))) == AT_ONCE) {
            LOG.debug("purged {} tasks", AT_ONCE);
        }
        sweep();
    }

    private void sweep() {
        if (System.nanoTime() < sweepAt) {
            return;
        }
        sweepAt = System.nanoTime() + PURGE.toNanos();
        try {
            int gone = gateway.blobs()
                    .sweep(
                            sha256 -> gateway.read(tables -> tables.artifacts().isKept(sha256)),
                            taskId -> gateway.read(tables -> tables.tasks()
                                    .find(taskId)
                                    .filter(row -> row.phase().isHeld())
                                    .isPresent()));
            if (gone > 0) {
                LOG.info("{} files of artifacts that nobody has any more are gone", gone);
            }
        } catch (IOException e) {
            LOG.warn("files of artifacts could not be looked through: {}", e.toString());
        }
    }

    private void pingAll() throws InterruptedException {
        Thread.sleep(gateway.settings().ping());
        for (Session session : gateway.sessions().all()) {
            if (!session.ping()) {
                LOG.info("viber {} answers no pings", session.viberId());
                session.close(CloseCode.PROTOCOL, "no answer to pings");
                session.closed();
                continue;
            }
            recount(session);
        }
        gateway.dispatcher().wakeAll();
    }

    // What a session counts follows from changes it saw; the tables are the truth.
    private void recount(Session session) {
        if (session.busy.isEmpty()) {
            return;
        }
        Set<String> held = gateway.read(tables -> tables.tasks().heldBy(session.viberId()).stream()
                .filter(row -> row.phase() != Phase.WAITING)
                .map(TaskRow::id)
                .collect(Collectors.toSet()));
        session.busy.retainAll(held);
    }
}
