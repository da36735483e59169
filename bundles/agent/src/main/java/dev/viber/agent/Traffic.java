package dev.viber.agent;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts the calls in flight, so that a leaving agent can wait for them and let no new ones begin. */
final class Traffic {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition calm = lock.newCondition();
    private int inFlight;
    private boolean closed;

    /** A call begins. @throws LeftException where none may begin any more */
    void enter() {
        lock.lock();
        try {
            if (closed) {
                throw new LeftException("the agent drains");
            }
            inFlight++;
        } finally {
            lock.unlock();
        }
    }

    /** A call and what had to be written of it are done. */
    void leave() {
        lock.lock();
        try {
            inFlight--;
            calm.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Lets nothing more begin and waits for what is in flight; tells whether all of it ended in time. */
    boolean drain(Duration atMost) throws InterruptedException {
        lock.lock();
        try {
            closed = true;
            long left = atMost.toNanos();
            while (inFlight > 0 && left > 0) {
                left = calm.awaitNanos(left);
            }
            return inFlight == 0;
        } finally {
            lock.unlock();
        }
    }
}
