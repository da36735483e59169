package dev.viber.supervisor;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Hypervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The hypervisors that are there, by name. */
final class Hypervisors {
    /** One that was chosen, and what it can do here. */
    record Choice(String name, Hypervisor hypervisor, Hypervisor.Probe probe, Runnable over) implements AutoCloseable {
        /** It may go. */
        @Override
        public void close() {
            over.run();
        }
    }

    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Hypervisor> byName = new ConcurrentSkipListMap<>();
    private final IdentityHashMap<Hypervisor, Integer> used = new IdentityHashMap<>();
    /** Those that were there and are not: one that is being replaced comes back. */
    private final Set<String> away = new HashSet<>();

    private final long born = System.nanoTime();

    Hypervisors(Duration patience) {
        this.patience = patience;
    }

    void add(Hypervisor hypervisor, String name) {
        lock.lock();
        try {
            byName.put(name, hypervisor);
            away.remove(name);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Returns when what is being started by it has been, or that takes too long. */
    void remove(Hypervisor gone) {
        lock.lock();
        try {
            for (Map.Entry<String, Hypervisor> entry : Map.copyOf(byName).entrySet()) {
                if (entry.getValue().equals(gone)) {
                    byName.remove(entry.getKey());
                    away.add(entry.getKey());
                }
            }
            long left = patience.toNanos();
            while (used.getOrDefault(gone, 0) > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void release(Hypervisor one) {
        lock.lock();
        try {
            used.computeIfPresent(one, (key, count) -> count == 1 ? null : count - 1);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Keeps it until the choice is closed; null where it has gone meanwhile. */
    private @Nullable Choice keep(String name, Hypervisor one, Hypervisor.Probe probe) {
        lock.lock();
        try {
            if (!one.equals(byName.get(name))) {
                return null;
            }
            used.merge(one, 1, Integer::sum);
            return new Choice(name, one, probe, () -> release(one));
        } finally {
            lock.unlock();
        }
    }

    /** Waits for one to come, where one can be expected: one is being replaced, or the server has only begun. */
    private boolean awaitMore(Set<String> tried, long end) throws InterruptedException {
        lock.lock();
        try {
            while (tried.equals(byName.keySet())) {
                long left = (away.isEmpty() ? Math.min(end, born + patience.toNanos()) : end) - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** The one of this name; null where it is not there and does not come within the time given. */
    @Nullable
    Hypervisor find(String name) throws InterruptedException {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (!byName.containsKey(name) && left > 0) {
                left = changed.awaitNanos(left);
            }
            return byName.get(name);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The one asked for, or else the first by name that can run here: {@code cloud-hypervisor} before {@code qemu}. It
     * stays until the choice is closed.
     */
    Choice choose(@Nullable String wanted) throws InterruptedException {
        if (wanted != null && find(wanted) == null) {
            throw new ProblemException(
                    ProblemException.Kind.INVALID,
                    "there is no hypervisor '%s'; there are %s".formatted(wanted, byName.keySet()));
        }
        long end = System.nanoTime() + patience.toNanos();
        List<String> reasons = new ArrayList<>();
        Set<String> tried = new HashSet<>();
        do {
            reasons.clear();
            tried.clear();
            for (Map.Entry<String, Hypervisor> entry : byName.entrySet()) {
                String name = entry.getKey();
                tried.add(name);
                if (wanted == null || wanted.equals(name)) {
                    Hypervisor.Probe probe = entry.getValue().probe();
                    Choice choice = probe.canRun() ? keep(name, entry.getValue(), probe) : null;
                    if (choice != null) {
                        return choice;
                    }
                    reasons.add(name + ": " + probe.reason());
                }
            }
        } while (awaitMore(tried, end));
        throw new ProblemException(
                ProblemException.Kind.UNAVAILABLE,
                "no hypervisor can run here: "
                        + (reasons.isEmpty() ? "none is installed" : String.join("; ", reasons)));
    }
}
