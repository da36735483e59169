package dev.viber.supervisor;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Hypervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The hypervisors that are there, by name. */
final class Hypervisors {
    /** One that was chosen, and what it can do here. */
    record Choice(String name, Hypervisor hypervisor, Hypervisor.Probe probe) {}

    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Hypervisor> byName = new ConcurrentSkipListMap<>();

    Hypervisors(Duration patience) {
        this.patience = patience;
    }

    void add(Hypervisor hypervisor, String name) {
        lock.lock();
        try {
            byName.put(name, hypervisor);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void remove(Hypervisor gone) {
        byName.values().removeIf(one -> one.equals(gone));
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

    /** The one asked for, or else the first by name that can run here: {@code cloud-hypervisor} before {@code qemu}. */
    Choice choose(@Nullable String wanted) throws InterruptedException {
        List<String> reasons = new ArrayList<>();
        if (wanted != null) {
            Hypervisor one = find(wanted);
            if (one == null) {
                throw new ProblemException(
                        ProblemException.Kind.INVALID,
                        "there is no hypervisor '%s'; there are %s".formatted(wanted, byName.keySet()));
            }
            Hypervisor.Probe probe = one.probe();
            if (probe.canRun()) {
                return new Choice(wanted, one, probe);
            }
            reasons.add(wanted + ": " + probe.reason());
        } else {
            for (Map.Entry<String, Hypervisor> entry : byName.entrySet()) {
                Hypervisor.Probe probe = entry.getValue().probe();
                if (probe.canRun()) {
                    return new Choice(entry.getKey(), entry.getValue(), probe);
                }
                reasons.add(entry.getKey() + ": " + probe.reason());
            }
        }
        throw new ProblemException(
                ProblemException.Kind.UNAVAILABLE,
                "no hypervisor can run here: "
                        + (reasons.isEmpty() ? "none is installed" : String.join("; ", reasons)));
    }
}
