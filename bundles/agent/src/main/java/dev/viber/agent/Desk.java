package dev.viber.agent;

import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.osgi.util.promise.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares, one task after the other, what the store says with the runs there are, and begins, wakes and ends runs. */
final class Desk {
    private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
    /** How long until a run the store failed is taken up again. */
    private static final long TROUBLE_SECONDS = 5;

    private static final String ALL = "";

    private final Parts parts;
    private final Map<String, Run> runs = new ConcurrentHashMap<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LinkedHashMap<String, Boolean> wakes = new LinkedHashMap<>();
    private boolean closed;

    Desk(Parts parts) {
        this.parts = parts;
        Thread.ofVirtual().name("agent-desk").start(this::work);
    }

    /** Looks at every task of the store. */
    void recover() {
        enqueue(ALL, true);
    }

    /** Looks at this task. */
    void wake(String taskId) {
        enqueue(taskId, false);
    }

    Set<String> running() {
        return runs.values().stream().filter(Run::isBegun).map(Run::taskId).collect(Collectors.toSet());
    }

    private void enqueue(String taskId, boolean recovered) {
        lock.lock();
        try {
            if (!closed) {
                wakes.merge(taskId, recovered, (had, more) -> had && more);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void work() {
        try {
            while (true) {
                Map.Entry<String, Boolean> wake;
                lock.lockInterruptibly();
                try {
                    while (wakes.isEmpty() && !closed) {
                        changed.await();
                    }
                    if (closed) {
                        return;
                    }
                    wake = wakes.pollFirstEntry();
                } finally {
                    lock.unlock();
                }
                try {
                    look(wake.getKey(), wake.getValue());
                } catch (RuntimeException e) {
                    LOG.warn(
                            "Task '{}' could not be looked at; tried again in {} s", wake.getKey(), TROUBLE_SECONDS, e);
                    later(wake.getKey(), wake.getValue());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void later(String taskId, boolean recovered) {
        CompletableFuture.delayedExecutor(TROUBLE_SECONDS, TimeUnit.SECONDS).execute(() -> enqueue(taskId, recovered));
    }

    private void look(String taskId, boolean recovered) throws InterruptedException {
        if (!taskId.equals(ALL)) {
            Optional<TaskRow> row =
                    parts.store().call(s -> s.read(tables -> tables.tasks().find(taskId)));
            if (row.isEmpty() && !runs.containsKey(taskId)) {
                parts.spaces().remove(taskId);
            }
            look(taskId, row.filter(found -> found.phase().isHeld()), recovered);
            return;
        }
        List<TaskRow> open = new ArrayList<>(parts.store()
                .call(s -> s.read(tables -> tables.tasks().open(Integer.MAX_VALUE))));
        forgetSpaces();
        forgetPlans(open.stream().map(TaskRow::id).collect(Collectors.toSet()));
        open.removeIf(row -> !row.phase().isHeld());
        open.sort(Comparator.comparing((TaskRow row) -> row.phase() == Phase.DISPATCHED)
                .thenComparing(TaskRow::createdAt));
        for (TaskRow row : open) {
            look(row.id(), Optional.of(row), true);
        }
        for (String id : List.copyOf(runs.keySet())) {
            if (open.stream().noneMatch(row -> row.id().equals(id))) {
                look(id, false);
            }
        }
        for (String id : parts.bound().tasks()) {
            if (open.stream().noneMatch(row -> row.id().equals(id)) && !runs.containsKey(id)) {
                parts.bound().ended(id);
            }
        }
    }

    /** Spaces of tasks that are not in the store any more. */
    private void forgetSpaces() {
        for (String taskId : parts.spaces().tasks()) {
            if (parts.store()
                    .call(s -> s.read(tables -> tables.tasks().find(taskId)))
                    .isEmpty()) {
                parts.spaces().remove(taskId);
            }
        }
    }

    /** Plans of tasks that were discarded. */
    private void forgetPlans(Set<String> open) {
        Set<String> kept = parts.store()
                .call(s -> s.read(tables -> tables.values().list(RunJournal.planKey(""))))
                .keySet();
        List<String> stale = kept.stream()
                .filter(key ->
                        !open.contains(key.substring(RunJournal.planKey("").length())))
                .toList();
        if (!stale.isEmpty()) {
            parts.store()
                    .callAsync(s -> s.write(tables -> {
                        for (String key : stale) {
                            String id = key.substring(RunJournal.planKey("").length());
                            if (tables.tasks()
                                    .find(id)
                                    .filter(row -> !row.phase().isEnded())
                                    .isEmpty()) {
                                tables.values().remove(key);
                            }
                        }
                        return Boolean.TRUE;
                    }));
        }
    }

    private void look(String taskId, Optional<TaskRow> row, boolean recovered) throws InterruptedException {
        Run run = runs.get(taskId);
        if (run != null && (row.isEmpty() || row.get().attempt() != run.attempt())) {
            run.leave();
            return; // its end wakes the task once more
        }
        if (row.isEmpty()) {
            parts.bound().ended(taskId);
            return;
        }
        boolean stopping = row.get().phase() == Phase.STOPPING;
        if (run == null) {
            run = new Run(parts, row.get(), recovered, this::gone);
            lock.lock();
            try {
                if (closed) {
                    return;
                }
                runs.put(taskId, run);
            } finally {
                lock.unlock();
            }
            if (!stopping) {
                run.enqueue();
                return;
            }
        }
        if (stopping) {
            run.stop();
        } else {
            run.poke();
        }
    }

    private void gone(Run run) {
        runs.remove(run.taskId(), run);
        if (run.isInTrouble()) {
            later(run.taskId(), true);
        } else {
            // For what is next with it, or for those who keep something for it.
            wake(run.taskId());
        }
    }

    /** Begins nothing more, waits for the calls in flight, then lets go of every run. */
    void drain(Duration atMost) throws InterruptedException {
        boolean calm = parts.traffic().drain(atMost);
        List<Run> left;
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
            left = List.copyOf(runs.values());
        } finally {
            lock.unlock();
        }
        if (!calm) {
            LOG.warn("Calls are still in flight after {}; they are cancelled", atMost);
        }
        if (parts.store().isOpen()) {
            settle();
        }
        left.forEach(Run::leave);
        for (Run run : left) {
            try {
                run.ended().get(atMost.toMillis() + 1_000, TimeUnit.MILLISECONDS);
            } catch (TimeoutException | ExecutionException e) {
                LOG.warn("Task {} does not let go", run.taskId(), e);
            }
        }
    }

    /** What was written before is durable when this returns. */
    private void settle() throws InterruptedException {
        Promise<Boolean> last = parts.store().callAsync(s -> s.write(tables -> Boolean.TRUE));
        try {
            last.getValue();
        } catch (InvocationTargetException e) {
            LOG.warn("The store takes nothing more", e);
        }
    }
}
