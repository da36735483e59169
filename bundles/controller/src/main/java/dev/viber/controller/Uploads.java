package dev.viber.controller;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ArtifactRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.link.BackOff;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands artifacts over to the gateway, one after the other, for as long as a connection lasts. That one was handed over, or
 * refused for good, is kept in the store; a task's last frame waits for that.
 */
final class Uploads {
    /** Values that keep what became of an artifact: {@code uploaded/<taskId>/<name>}, its digest and perhaps a refusal. */
    static final String DONE = "uploaded/";

    private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
    /** How often one artifact is begun anew without a break of the connection in between. */
    private static final int MOST_TURNS = 100;

    private static final String MADE = "{\"event\":{\"kind\":\"artifact\"";

    private record Next(TaskRow task, ArtifactRow artifact) {}

    private final Gate<Store> store;
    private final String viberId;
    private final ArtifactWire wire;
    private final Consumer<String> released;
    private final BackOff backOff;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final SequencedSet<String> tasks = new LinkedHashSet<>();

    /**
     * Uploads of one connection.
     *
     * @param released is told of a task each time one of its artifacts needs no more waiting for
     */
    Uploads(Parts parts, HttpClient http, String template, @Nullable String token, Consumer<String> released) {
        store = parts.store();
        viberId = parts.settings().viberId();
        wire = new ArtifactWire(http, parts.settings().server(), template, token);
        this.released = released;
        backOff = new BackOff(parts.timing().firstPause(), parts.timing().longestPause(), ThreadLocalRandom.current());
    }

    /** Whether a task has artifacts that are not settled; part of a question to the store. */
    static boolean isPending(Tables tables, String taskId) {
        return pending(tables, taskId).isPresent();
    }

    private static Optional<ArtifactRow> pending(Tables tables, String taskId) {
        return tables.artifacts().list(taskId).stream()
                .filter(row -> !tables.values()
                        .get(DONE + taskId + "/" + row.name())
                        .filter(done -> done.startsWith(row.sha256()))
                        .isPresent())
                .findFirst();
    }

    /** This task may have artifacts to hand over. */
    void look(String taskId) {
        lock.lock();
        try {
            tasks.add(taskId);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Hands over what there is until interrupted. */
    void run() {
        try {
            while (true) {
                String taskId = take();
                try {
                    all(taskId);
                } catch (RuntimeException | InvocationTargetException e) {
                    LOG.warn(
                            "the artifacts of task {} could not be handed over; tried again: {}", taskId, e.toString());
                    pause();
                    look(taskId);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("the connection ended; what was not handed over goes on behind the next");
        }
    }

    private String take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (tasks.isEmpty()) {
                changed.await();
            }
            return tasks.removeFirst();
        } finally {
            lock.unlock();
        }
    }

    private void all(String taskId) throws InterruptedException, InvocationTargetException {
        for (Next next = next(taskId); next != null; next = next(taskId)) {
            settle(next, handOver(next));
            released.accept(taskId);
        }
    }

    private @Nullable Next next(String taskId) {
        return store.call(s -> s.read(tables -> {
            TaskRow task = tables.tasks()
                    .find(taskId)
                    .filter(row -> viberId.equals(row.viberId()))
                    .orElse(null);
            return task == null
                    ? null
                    : pending(tables, taskId).map(row -> new Next(task, row)).orElse(null);
        }));
    }

    /** Empty where the gateway has it; else why it does not want it. */
    private String handOver(Next next) throws InterruptedException {
        ArtifactRow row = next.artifact();
        for (int turn = 1; ; turn++) {
            try {
                Path file = Path.of(row.location());
                if (!Files.isRegularFile(file) || Files.size(file) != row.bytes()) {
                    return "its bytes are no longer on the viber";
                }
                long offset = wire.offer(row, next.task().attempt());
                if (offset < row.bytes() || row.bytes() == 0) {
                    wire.put(row, next.task().attempt(), offset);
                }
                backOff.reset();
                LOG.debug("artifact {} of task {} is handed over", row.name(), row.taskId());
                return "";
            } catch (ArtifactWire.Refused e) {
                boolean again = e.offset() >= 0 || e.isPassing();
                if (!again || turn >= MOST_TURNS) {
                    LOG.warn("artifact {} of task {} is refused: {}", row.name(), row.taskId(), e.getMessage());
                    return String.valueOf(e.getMessage());
                }
                if (e.isPassing()) {
                    LOG.debug("artifact {} of task {}: {}", row.name(), row.taskId(), e.getMessage());
                    pause();
                }
            } catch (IOException e) {
                LOG.info("artifact {} of task {} was cut off and goes on: {}", row.name(), row.taskId(), e.toString());
                pause();
            }
        }
    }

    private void pause() throws InterruptedException {
        Duration pause = backOff.next();
        long left = pause.toNanos();
        lock.lockInterruptibly();
        try {
            while (left > 0) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private void settle(Next next, String refusal) throws InterruptedException, InvocationTargetException {
        ArtifactRow row = next.artifact();
        store.callAsync(s -> s.write(tables -> {
                    tables.tasks()
                            .find(row.taskId())
                            .filter(task -> task.attempt() == next.task().attempt())
                            .ifPresent(task -> tables.values()
                                    .put(
                                            DONE + row.taskId() + "/" + row.name(),
                                            refusal.isEmpty() ? row.sha256() : row.sha256() + " " + refusal));
                    return true;
                }))
                .getValue();
    }

    /** The tasks whose artifacts are not settled. */
    static List<String> pendingTasks(Tables tables, String viberId) {
        return Held.rows(tables, viberId).stream()
                .map(TaskRow::id)
                .filter(id -> isPending(tables, id))
                .toList();
    }

    /** Whether this event tells of a new artifact; seen without reading it, as our agent writes it. */
    static boolean tellsOf(JournalEvent event) {
        return event.kind().equals("progress") && event.data().startsWith(MADE);
    }
}
