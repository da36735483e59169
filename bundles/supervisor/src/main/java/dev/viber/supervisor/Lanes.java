package dev.viber.supervisor;

import dev.viber.api.problem.ProblemException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thing at a time to each VM, in the order asked for; and when no more is to begin, what has begun is finished. */
final class Lanes {
    private static final Logger LOG = LoggerFactory.getLogger(Lanes.class);

    /** Something that is done to one VM. */
    interface Work<T extends @Nullable Object> {
        T perform() throws InterruptedException, IOException;
    }

    private static final class Lane {
        private final ReentrantLock lock = new ReentrantLock(true);
        private int users;
    }

    private final Map<String, Lane> lanes = new HashMap<>();
    private int begun;
    private boolean closed;

    /** Counts something as begun; false where nothing begins any more. Each true wants one {@link #leave}. */
    synchronized boolean enter() {
        if (!closed) {
            begun++;
        }
        return !closed;
    }

    synchronized void leave() {
        begun--;
        notifyAll();
    }

    /** Begins this on a thread of its own: it goes on whoever waits for it. */
    <T> Promise<T> begin(PromiseFactory promises, String what, Callable<T> work) {
        Deferred<T> deferred = promises.deferred();
        if (!enter()) {
            deferred.fail(new ProblemException(
                    ProblemException.Kind.UNAVAILABLE, "the supervisor of VMs leaves; ask again for: " + what));
            return deferred.getPromise();
        }
        Thread.ofVirtual().name("vm " + what).start(() -> {
            try {
                deferred.resolve(work.call());
            } catch (Exception e) {
                LOG.debug("{} failed", what, e);
                deferred.fail(e);
            } finally {
                leave();
            }
        });
        return deferred.getPromise();
    }

    /** Does this when nothing else is done to the VM; what could not be read or written is told as a problem. */
    <T extends @Nullable Object> T in(String name, Work<T> work) throws InterruptedException {
        Lane lane;
        synchronized (this) {
            lane = lanes.computeIfAbsent(name, key -> new Lane());
            lane.users++;
        }
        try {
            lane.lock.lockInterruptibly();
            try {
                return work.perform();
            } finally {
                lane.lock.unlock();
            }
        } catch (IOException e) {
            throw new ProblemException(ProblemException.Kind.UNAVAILABLE, "vm %s: %s".formatted(name, e.getMessage()));
        } finally {
            synchronized (this) {
                // Never while somebody waits in it: who came later would have a lane beside.
                if (--lane.users == 0) {
                    lanes.remove(name);
                }
            }
        }
    }

    /** Does this on a thread of its own, unless nothing begins any more; a failure is logged. */
    void aside(String what, String name, Work<?> work) {
        Thread.ofVirtual().name("vm-" + what + "-" + name).start(() -> {
            if (!enter()) {
                return;
            }
            try {
                in(name, work);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.warn("vm {}: {} failed: {}", name, what, e.getMessage(), e);
            } finally {
                leave();
            }
        });
    }

    /** Nothing begins any more; returns when what has begun is done, or this time is over. */
    synchronized void close(Duration patience) {
        closed = true;
        long end = System.nanoTime() + patience.toNanos();
        try {
            for (long left = patience.toMillis(); begun > 0 && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (begun > 0) {
            LOG.warn("{} things done to VMs are left to the next supervisor", begun);
        }
    }
}
