package dev.viber.agent;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.ReentrantLock;

/** The agent's slots: so many tasks at once, those already begun before new ones, older before younger. */
final class Slots {
    /** A place in the queue. */
    record Request(boolean begun, Instant createdAt, long number, Runnable granted) {}

    private final ReentrantLock lock = new ReentrantLock();
    private final PriorityQueue<Request> queue = new PriorityQueue<>(Comparator.comparing(Request::begun)
            .reversed()
            .thenComparing(Request::createdAt)
            .thenComparingLong(Request::number));
    private int capacity;
    private int taken;
    private long count;

    Slots(int capacity) {
        this.capacity = capacity;
    }

    /** Asks for a slot; {@code granted} is run once there is one, perhaps at once and by this thread. */
    Request request(boolean begun, Instant createdAt, Runnable granted) {
        Request request;
        lock.lock();
        try {
            request = new Request(begun, createdAt, count++, granted);
            queue.add(request);
        } finally {
            lock.unlock();
        }
        grant();
        return request;
    }

    /** Takes a request back; false where it was granted already. */
    boolean withdraw(Request request) {
        lock.lock();
        try {
            return queue.remove(request);
        } finally {
            lock.unlock();
        }
    }

    void release() {
        lock.lock();
        try {
            taken--;
        } finally {
            lock.unlock();
        }
        grant();
    }

    void capacity(int wanted) {
        lock.lock();
        try {
            capacity = wanted;
        } finally {
            lock.unlock();
        }
        grant();
    }

    int capacity() {
        lock.lock();
        try {
            return capacity;
        } finally {
            lock.unlock();
        }
    }

    int taken() {
        lock.lock();
        try {
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void grant() {
        List<Request> lucky = new ArrayList<>();
        lock.lock();
        try {
            while (taken < capacity) {
                Request next = queue.poll();
                if (next == null) {
                    break;
                }
                taken++;
                lucky.add(next);
            }
        } finally {
            lock.unlock();
        }
        lucky.forEach(request -> request.granted().run());
    }
}
