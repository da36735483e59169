package dev.viber.controller;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskRow;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the gateway has acknowledged, on its way into the store: gathered while a change is in flight. */
final class Acks {
    private static final Logger LOG = LoggerFactory.getLogger(Acks.class);

    private record Ack(int attempt, long vseq) {}

    private final Gate<Store> store;
    private final String viberId;
    private final Consumer<String> settled;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idle = lock.newCondition();
    private Map<String, Ack> pending = new LinkedHashMap<>();
    private boolean writing;

    /** {@code settled} is told of each task with artifacts that is forgotten. */
    Acks(Gate<Store> store, String viberId, Consumer<String> settled) {
        this.store = store;
        this.viberId = viberId;
        this.settled = settled;
    }

    /** Frames of this attempt up to here are durable at the gateway. */
    void add(String taskId, int attempt, long vseq) {
        lock.lock();
        try {
            pending.merge(taskId, new Ack(attempt, vseq), Acks::later);
            if (!writing) {
                writing = true;
                Thread.ofVirtual().name("controller-acks").start(this::write);
            }
        } finally {
            lock.unlock();
        }
    }

    private static Ack later(Ack had, Ack next) {
        if (had.attempt() != next.attempt()) {
            return had.attempt() > next.attempt() ? had : next;
        }
        return had.vseq() > next.vseq() ? had : next;
    }

    /** Waits until all that was added is written; false where that took longer. */
    boolean awaitIdle(Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while (writing) {
                if (left <= 0) {
                    return false;
                }
                left = idle.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void write() {
        while (true) {
            Map<String, Ack> batch;
            lock.lock();
            try {
                if (pending.isEmpty()) {
                    writing = false;
                    idle.signalAll();
                    return;
                }
                batch = pending;
                pending = new LinkedHashMap<>();
            } finally {
                lock.unlock();
            }
            try {
                store.callAsync(s -> s.write(tables -> apply(tables, batch)))
                        .getValue()
                        .forEach(settled);
            } catch (InvocationTargetException | RuntimeException e) {
                // Nothing is lost: the gateway says how far it is when the viber returns.
                LOG.warn("acknowledgements of {} tasks could not be stored", batch.size(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The tasks with artifacts that are forgotten now. */
    private List<String> apply(Tables tables, Map<String, Ack> batch) {
        List<String> forgotten = new ArrayList<>();
        batch.forEach((taskId, ack) -> tables.tasks()
                .find(taskId)
                .filter(row -> viberId.equals(row.viberId()) && row.attempt() == ack.attempt())
                .filter(row -> apply(tables, row, ack.vseq()))
                .ifPresent(row -> forgotten.add(row.id())));
        return forgotten;
    }

    private static boolean apply(Tables tables, TaskRow row, long vseq) {
        long last = tables.journal().lastSeq(Held.TOPIC + row.id());
        if (row.phase().isEnded() && vseq >= last) {
            boolean made = !tables.artifacts().list(row.id()).isEmpty();
            Held.forget(tables, row.id());
            return made;
        }
        if (vseq > row.peerSeq()) {
            tables.tasks().peerSeq(row.id(), Math.min(vseq, last));
        }
        return false;
    }
}
