package dev.viber.tool.browser;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.gate.Gate;
import dev.viber.api.tool.ToolException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/** The services that have browsers, by their kind, each behind a gate that stays when the service is being replaced. */
final class Providers {
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Shelf> shelves = new HashMap<>();

    private static final class Shelf {
        private final Gate<Browsers> gate;
        private @Nullable Browsers now;
        private int ranking;

        Shelf(String kind, Duration patience) {
            gate = new Gate<>("browsers of the kind '" + kind + "'", patience);
        }
    }

    Providers(Duration patience) {
        this.patience = patience;
    }

    void add(Browsers browsers, Map<String, ?> properties) {
        lock.lock();
        try {
            Shelf shelf = shelf(kind(properties));
            shelf.now = browsers;
            shelf.ranking = properties.get("service.ranking") instanceof Integer given ? given : 0;
            shelf.gate.open(browsers);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits, for a bounded time, until no call is inside it. */
    @SuppressWarnings("ReferenceEquality") // a service is itself, whatever its equals says
    void remove(Browsers browsers, Map<String, ?> properties) {
        Shelf shelf;
        lock.lock();
        try {
            shelf = shelf(kind(properties));
            if (shelf.now == browsers) {
                shelf.now = null;
            }
        } finally {
            lock.unlock();
        }
        shelf.gate.close(browsers);
    }

    /**
     * A browser from the kind it was had from before, or else from the first that can give any.
     *
     * @param before the kind; null where there was none
     */
    BrowserSession acquire(BrowserRequest request, @Nullable String before) throws ToolException, InterruptedException {
        List<String> reasons = new ArrayList<>();
        List<String> kinds = kinds(before);
        for (String kind : kinds) {
            Gate<Browsers> gate = gate(kind);
            if (!kind.equals(before)) {
                Browsers.Probe probe = gate.call(Browsers::probe);
                if (!probe.able()) {
                    reasons.add(probe.reason());
                    continue;
                }
            }
            Promise<BrowserSession> answer = gate.callAsync(each -> each.acquire(request));
            try {
                return answer.getValue();
            } catch (InvocationTargetException e) {
                String said =
                        String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
                if (kind.equals(before) && kinds.size() > 1) {
                    reasons.add(said); // another kind may have one
                    continue;
                }
                throw new ToolException("there is no browser: " + said, true, e);
            }
        }
        throw new ToolException("there is no browser: "
                + (reasons.isEmpty()
                        ? "no service that has any came within %d s".formatted(patience.toSeconds())
                        : String.join("; ", reasons)));
    }

    void release(String id, String kind) throws InterruptedException, InvocationTargetException {
        Promise<Void> done = gate(kind).callAsync(each -> each.release(id));
        done.getValue();
    }

    private List<String> kinds(@Nullable String before) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = patience.toNanos();
            while (left > 0 && shelves.values().stream().noneMatch(each -> each.now != null)) {
                left = changed.awaitNanos(left);
            }
            List<String> out = new ArrayList<>(shelves.entrySet().stream()
                    .filter(each -> each.getValue().now != null)
                    .sorted(Map.Entry.comparingByValue((one, other) -> Integer.compare(other.ranking, one.ranking)))
                    .map(Map.Entry::getKey)
                    .toList());
            if (before != null && shelves.containsKey(before)) {
                out.remove(before);
                out.addFirst(before);
            }
            return out;
        } finally {
            lock.unlock();
        }
    }

    private Gate<Browsers> gate(String kind) {
        lock.lock();
        try {
            return shelf(kind).gate;
        } finally {
            lock.unlock();
        }
    }

    private Shelf shelf(String kind) {
        return shelves.computeIfAbsent(kind, each -> new Shelf(each, patience));
    }

    private static String kind(Map<String, ?> properties) {
        return String.valueOf(properties.get(Browsers.KIND));
    }
}
