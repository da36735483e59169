package dev.viber.pools;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.browser.PoolDesk.Waiting;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;

/** Who waits for a browser, in the order of asking: one place for each session, however often it is asked for. */
final class Waiters {
    private final PromiseFactory promises;
    private final Map<String, Asked> queue = new LinkedHashMap<>();
    private @Nullable String closed;

    /** Somebody who waits. */
    record Asked(BrowserRequest request, Instant since, Instant until, Deferred<Session> answer) {
        private Asked again(BrowserRequest latest, Instant end) {
            return new Asked(latest, since, end.isAfter(until) ? end : until, answer);
        }
    }

    Waiters(PromiseFactory promises) {
        this.promises = promises;
    }

    /** A place at the end, or the one there is, for as long as the later of two who ask for one session waits. */
    synchronized Promise<Session> add(BrowserRequest request) {
        if (closed != null) {
            return promises.failed(new ProblemException(Kind.UNAVAILABLE, closed));
        }
        Instant now = Instant.now();
        Instant until = now.plus(request.patience());
        return queue.compute(
                        request.id(),
                        (_, had) -> had == null
                                ? new Asked(request, now, until, promises.deferred())
                                : had.again(request, until))
                .answer()
                .getPromise();
    }

    synchronized @Nullable Asked first() {
        return queue.isEmpty() ? null : queue.values().iterator().next();
    }

    synchronized int size() {
        return queue.size();
    }

    /** When somebody's patience ends first; {@link Instant#MAX} where nobody waits. */
    synchronized Instant soonest() {
        return queue.values().stream().map(Asked::until).min(Instant::compareTo).orElse(Instant.MAX);
    }

    synchronized List<Waiting> shown() {
        List<Waiting> out = new ArrayList<>();
        for (Asked one : queue.values()) {
            out.add(new Waiting(one.request().id(), out.size() + 1, one.since(), one.until()));
        }
        return out;
    }

    /** Whether this one waits still: who asked again has the same place. */
    @SuppressWarnings("ReferenceEquality") // an answer is itself
    synchronized boolean isWaiting(Asked one) {
        Asked now = queue.get(one.request().id());
        return now != null && now.answer() == one.answer();
    }

    /** Takes somebody off, to be answered; false where they were taken off before, and told why. */
    synchronized boolean leave(Asked one) {
        return isWaiting(one) && queue.remove(one.request().id()) != null;
    }

    /** Takes off whoever waits for this session, for good; false where nobody does. */
    boolean dismiss(String id, String why) {
        List<Asked> dismissed = take(one -> one.request().id().equals(id));
        dismissed.forEach(one -> one.answer()
                .fail(new ProblemException(
                        Kind.GONE, "session %s ended before there was a browser for it: %s".formatted(id, why))));
        return !dismissed.isEmpty();
    }

    /** Tells those whose patience is over. */
    void dropImpatient(Instant now, String pool, @Nullable String trouble) {
        take(one -> one.until().isBefore(now))
                .forEach(one -> one.answer()
                        .fail(new ProblemException(
                                Kind.UNAVAILABLE,
                                "no browser of pool %s came free within %d s%s"
                                        .formatted(
                                                pool,
                                                one.request().patience().toSeconds(),
                                                trouble == null ? "" : ": " + trouble))));
    }

    /** Tells all, and whoever comes from now on, why they wait in vain. */
    void close(String why) {
        synchronized (this) {
            closed = why;
        }
        take(one -> true).forEach(one -> one.answer().fail(new ProblemException(Kind.UNAVAILABLE, why)));
    }

    private synchronized List<Asked> take(Predicate<Asked> which) {
        List<Asked> out = queue.values().stream().filter(which).toList();
        out.forEach(one -> queue.remove(one.request().id()));
        return out;
    }
}
