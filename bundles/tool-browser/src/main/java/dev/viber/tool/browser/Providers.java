package dev.viber.tool.browser;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.tool.ToolException;
import java.io.IOException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The services that have browsers, by their kind, each behind a gate that stays when the service is being replaced. */
final class Providers {
    private static final Logger LOG = LoggerFactory.getLogger(Providers.class);

    private final Duration patience;
    private final String only;
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

    /**
     * No services yet.
     *
     * @param patience how long to wait for one
     * @param only the one kind that is asked; empty for all
     */
    Providers(Duration patience, String only) {
        this.patience = patience;
        this.only = only;
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

    /** Is told which kind will be asked, before it is. */
    @FunctionalInterface
    interface Asking {
        void of(String kind) throws IOException;
    }

    /**
     * A browser from the kind it was had from before, or else from the first that can give any.
     *
     * @param before the kind; null where there was none
     */
    BrowserSession acquire(BrowserRequest request, @Nullable String before, Asking asking)
            throws IOException, ToolException, InterruptedException {
        List<String> reasons = new ArrayList<>();
        List<String> kinds = kinds(before);
        for (String kind : kinds) {
            Gate<Browsers> gate = gate(kind);
            Promise<BrowserSession> answer;
            try {
                if (!kind.equals(before)) {
                    Browsers.Probe probe = gate.call(Browsers::probe);
                    if (!probe.able()) {
                        reasons.add(kind + ": " + probe.reason());
                        continue;
                    }
                }
                asking.of(kind);
                answer = gate.callAsync(each -> each.acquire(request));
            } catch (GateShutException | ProblemException e) {
                reasons.add(kind + ": " + e.getMessage());
                continue;
            }
            try {
                BrowserSession session = answer.getValue();
                LOG.info(
                        "Task {} has a browser of the kind '{}', {}{}",
                        request.id(),
                        kind,
                        session.host(),
                        reasons.isEmpty() ? "" : "; not of others: " + String.join("; ", reasons));
                return session;
            } catch (InvocationTargetException e) {
                String said =
                        String.valueOf(e.getCause() == null ? e : e.getCause().getMessage());
                if (kind.equals(before) && kinds.size() > 1) {
                    reasons.add(kind + ": " + said); // another kind may have one
                    continue;
                }
                throw new ToolException("there is no browser: " + said, true, e);
            }
        }
        throw new ToolException("there is no browser: "
                + (reasons.isEmpty()
                        ? "no service that has any%s came within %d s"
                                .formatted(only.isEmpty() ? "" : " of the kind '" + only + "'", patience.toSeconds())
                        : String.join("; ", reasons)));
    }

    /**
     * A session's browser is used until this is closed.
     *
     * @throws AgentClient.AwayException where it cannot be used; nothing has been done with it then
     */
    Browsers.Use use(String id, String kind) throws AgentClient.AwayException, InterruptedException {
        try {
            return gate(kind).call(each -> each.use(id));
        } catch (ProblemException | GateShutException e) {
            throw new AgentClient.AwayException(new IOException(e.getMessage(), e));
        }
    }

    void release(String id, String kind) throws InterruptedException, InvocationTargetException {
        Promise<Void> done = gate(kind).callAsync(each -> each.release(id));
        done.getValue();
    }

    private List<String> kinds(@Nullable String before) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = patience.toNanos();
            while (left > 0 && shelves.entrySet().stream().noneMatch(each -> isAsked(each.getKey(), each.getValue()))) {
                left = changed.awaitNanos(left);
            }
            List<String> out = new ArrayList<>(shelves.entrySet().stream()
                    .filter(each -> isAsked(each.getKey(), each.getValue()))
                    .sorted(Map.Entry.comparingByValue((one, other) -> Integer.compare(other.ranking, one.ranking)))
                    .map(Map.Entry::getKey)
                    .toList());
            if (before != null && (only.isEmpty() || only.equals(before))) {
                // Also where its service is not there yet, as at a start: it has the task's page.
                out.remove(before);
                out.addFirst(before);
            }
            return out;
        } finally {
            lock.unlock();
        }
    }

    private boolean isAsked(String kind, Shelf shelf) {
        return shelf.now != null && (only.isEmpty() || only.equals(kind));
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
