package dev.viber.pools;

import dev.viber.api.browser.Pool;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Vm;
import dev.viber.pools.Waiters.Asked;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/** How who waits comes to a session; one that is given back meanwhile never begins. */
final class Giving {
    private final Waiters waiters;
    private final PoolBook book;
    /** Held from a look at who waits to the session that comes of it. */
    private final ReentrantLock lock = new ReentrantLock();

    Giving(Waiters waiters, PoolBook book) {
        this.waiters = waiters;
        this.book = book;
    }

    /** The session that has begun, or perhaps has, where that failed; empty where nobody waits for it any more. */
    Optional<Session> give(Pool pool, Asked to, Vm vm) throws InterruptedException {
        lock.lock();
        try {
            return waiters.isWaiting(to) ? Optional.of(begin(pool, to, vm)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private Session begin(Pool pool, Asked to, Vm vm) throws InterruptedException {
        Instant since = Instant.now();
        Duration limit =
                to.request().limit().compareTo(pool.limit()) < 0 ? to.request().limit() : pool.limit();
        Session session = new Session(to.request().id(), pool.name(), vm.name(), since, since.plus(limit));
        try {
            book.begin(session);
        } catch (RuntimeException e) {
            if (waiters.leave(to)) {
                to.answer().fail(e);
            }
            return session;
        }
        if (waiters.leave(to)) {
            to.answer().resolve(session);
        }
        return session;
    }

    /** The session that is given back; who waits for it waits no more. A problem where there is none. */
    Session dismiss(Pool pool, String id, String reason) {
        lock.lock();
        try {
            boolean waited = waiters.dismiss(id, reason);
            return book.session(id)
                    .filter(session -> session.pool().equals(pool.name()))
                    .orElseThrow(() -> waited
                            ? new ProblemException(
                                    ProblemException.Kind.NOT_FOUND,
                                    "session %s had no browser yet, and does not wait for one any more".formatted(id))
                            : ProblemException.notFound("session", id));
        } finally {
            lock.unlock();
        }
    }
}
