package dev.viber.controller;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is to be sent on one connection, and how far it is: the journal itself is the queue, this only keeps a cursor in
 * each task's topic. One thread takes and sends; any thread says that there is something.
 */
final class Outbox {
    /** How many frames of one task go out before another's turn; bounds what lies in memory as well. */
    private static final int BATCH = 32;

    /** What is to be done next. */
    sealed interface Work {
        /** Send this. */
        record Say(String frame) implements Work {}

        /** Send a heartbeat. */
        record Beat() implements Work {}

        /** Send what there is of plugins. */
        record Plugins() implements Work {}

        /** Send frames of this task. */
        record Flow(String taskId) implements Work {}
    }

    private static final class Cursor {
        private final int attempt;
        private long sent;
        private long acked;

        Cursor(int attempt, long sent) {
            this.attempt = attempt;
            this.sent = sent;
            acked = sent;
        }
    }

    private record Batch(int attempt, long after, List<Segment> segments) {}

    private final Gate<Store> store;
    private final String viberId;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<String> first = new ArrayDeque<>();
    private final SequencedSet<String> dirty = new LinkedHashSet<>();
    private final Map<String, Cursor> cursors = new HashMap<>();
    private volatile @Nullable Consumer<String> artifacts;
    private boolean beat;
    private boolean plugins;
    private boolean flowing;
    private boolean sending;
    private boolean ended;

    Outbox(Gate<Store> store, String viberId) {
        this.store = store;
        this.viberId = viberId;
    }

    /** A frame that is not of a task: an acknowledgement, a {@code pong}. Goes before all else. */
    void say(String frame) {
        change(() -> first.add(frame));
    }

    /** A heartbeat is due. */
    void beat() {
        change(() -> beat = true);
    }

    /** The plugins are others than was said. */
    void plugins() {
        change(() -> plugins = true);
    }

    /** The journal may have frames of this task behind what was sent. */
    void touch(String taskId) {
        change(() -> dirty.add(taskId));
    }

    /** The gateway has this attempt's frames up to here: go on behind. */
    void resume(String taskId, int attempt, long vseq) {
        change(() -> {
            cursors.put(taskId, new Cursor(attempt, vseq));
            dirty.add(taskId);
        });
    }

    /** The last frame of a task waits for its artifacts; where it does, this is told of the task. */
    void holdForArtifacts(Consumer<String> waiting) {
        artifacts = waiting;
    }

    /** From now on frames of tasks and heartbeats may go. */
    void flow() {
        change(() -> flowing = true);
    }

    /** The gateway has acknowledged this attempt's frames up to here. */
    void acked(String taskId, int attempt, long vseq) {
        change(() -> {
            Cursor cursor = cursors.get(taskId);
            if (cursor != null && cursor.attempt == attempt) {
                cursor.acked = Math.max(cursor.acked, vseq);
            }
        });
    }

    /** The connection has ended: whoever waits returns. */
    void end() {
        change(() -> ended = true);
    }

    private void change(Runnable change) {
        lock.lock();
        try {
            change.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The next thing to do, waited for at most this long; null where there was none, or the connection has ended. */
    @Nullable
    Work take(Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lock();
        try {
            sending = false;
            changed.signalAll();
            while (!ended) {
                Work work = next();
                if (work != null) {
                    sending = true;
                    return work;
                }
                if (left <= 0) {
                    return null;
                }
                left = changed.awaitNanos(left);
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Stopped tasks wait for nothing: nobody wants what they made. */
    private boolean isHeldBack(Tables tables, TaskRow row) {
        Consumer<String> waiting = artifacts;
        boolean held = waiting != null
                && row.phase().isEnded()
                && row.phase() != Phase.STOPPED
                && Uploads.isPending(tables, row.id());
        if (held && waiting != null) {
            waiting.accept(row.id());
        }
        return held;
    }

    private static void withoutLast(List<Segment> segments, long lastSeq) {
        if (segments.isEmpty() || segments.getLast().lastSeq() < lastSeq) {
            return;
        }
        Segment last = segments.removeLast();
        if (last.events().size() > 1) {
            segments.add(new Segment(
                    last.position(),
                    last.topic(),
                    last.seq(),
                    last.events().subList(0, last.events().size() - 1)));
        }
    }

    private @Nullable Work next() {
        String frame = first.poll();
        if (frame != null) {
            return new Work.Say(frame);
        }
        if (!flowing) {
            return null;
        }
        if (beat) {
            beat = false;
            return new Work.Beat();
        }
        if (plugins) {
            plugins = false;
            return new Work.Plugins();
        }
        return dirty.isEmpty() ? null : new Work.Flow(dirty.removeFirst());
    }

    /** Waits until everything committed is sent and acknowledged; false where that took longer. */
    boolean awaitEmpty(Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while (sending
                    || !first.isEmpty()
                    || !dirty.isEmpty()
                    || cursors.values().stream().anyMatch(c -> c.acked < c.sent)) {
                if (ended || left <= 0) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Where a task's frames go, one by one, in order. */
    @FunctionalInterface
    interface Sink {
        void frame(int attempt, long vseq, JournalEvent event) throws IOException, InterruptedException;
    }

    /** Sends the next frames of a task; where there are more, the task has another turn. */
    void flow(String taskId, Sink sink) throws IOException, InterruptedException {
        Batch batch = store.call(s -> s.read(tables -> read(tables, taskId)));
        if (batch == null) {
            change(() -> cursors.remove(taskId));
            return;
        }
        long seq = batch.after();
        for (Segment segment : batch.segments()) {
            for (JournalEvent event : segment.events()) {
                seq++;
                sink.frame(batch.attempt(), seq, event);
                sent(taskId, batch.attempt(), seq);
            }
        }
        if (seq - batch.after() >= BATCH) {
            touch(taskId);
        }
    }

    private void sent(String taskId, int attempt, long seq) {
        lock.lock();
        try {
            Cursor cursor = cursors.get(taskId);
            if (cursor != null && cursor.attempt == attempt) {
                cursor.sent = seq;
            }
        } finally {
            lock.unlock();
        }
    }

    /** Row and frames in one snapshot, so that frames never go out under another attempt's number. */
    private @Nullable Batch read(Tables tables, String taskId) {
        TaskRow row = tables.tasks().find(taskId).orElse(null);
        if (row == null || !viberId.equals(row.viberId())) {
            return null;
        }
        long after;
        lock.lock();
        try {
            Cursor cursor = cursors.get(taskId);
            if (cursor == null || cursor.attempt < row.attempt()) {
                cursor = new Cursor(row.attempt(), row.peerSeq());
                cursors.put(taskId, cursor);
            } else if (cursor.attempt > row.attempt()) {
                // The gateway speaks of an attempt we are yet to be told of.
                return new Batch(row.attempt(), cursor.sent, List.of());
            }
            after = cursor.sent;
        } finally {
            lock.unlock();
        }
        List<Segment> found = tables.journal().read(Held.TOPIC + taskId, after, BATCH);
        List<Segment> cut = new ArrayList<>(found.size());
        for (Segment segment : found) {
            cut.add(segment.from(after + 1));
        }
        if (isHeldBack(tables, row)) {
            withoutLast(cut, tables.journal().lastSeq(Held.TOPIC + taskId));
        }
        return new Batch(row.attempt(), after, cut);
    }
}
