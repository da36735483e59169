package dev.viber.guest.chrome;

import dev.viber.api.guest.AgentLog;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** The last lines of the agent's log, numbered from 1. */
@Component(service = {AgentLog.class, LogRing.class})
public final class LogRing implements AgentLog {
    private static final int LINES = 2_000;
    private static final int LONGEST = 8_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private final Deque<Entry> ring = new ArrayDeque<>();
    private final int capacity;
    private long last;
    private boolean closed;

    /**
     * A kept line.
     *
     * @param id its number
     */
    record Entry(long id, String stream, String line, Instant at) {}

    /**
     * What a reader gets.
     *
     * @param lost lines that came behind the reader's place and are gone
     * @param entries in their order; empty where none came in time
     * @param closed nothing more will come
     */
    record Part(long lost, List<Entry> entries, boolean closed) {}

    /** An empty one. */
    @Activate
    public LogRing() {
        this(LINES);
    }

    LogRing(int capacity) {
        this.capacity = capacity;
    }

    @Override
    public void write(String stream, String line) {
        lock.lock();
        try {
            last++;
            ring.addLast(new Entry(
                    last, stream, line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line, Instant.now()));
            if (ring.size() > capacity) {
                ring.removeFirst();
            }
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The lines behind this number, waiting for one up to so long. A number that was never given counts as 0. */
    Part after(long id, long patienceMs) throws InterruptedException {
        lock.lock();
        try {
            long from = id > last || id < 0 ? 0 : id;
            long left = TimeUnit.MILLISECONDS.toNanos(patienceMs);
            while (last <= from && !closed && left > 0) {
                left = more.awaitNanos(left);
            }
            List<Entry> entries = new ArrayList<>();
            for (Entry each : ring) {
                if (each.id() > from) {
                    entries.add(each);
                }
            }
            long lost = entries.isEmpty() ? 0 : entries.getFirst().id() - from - 1;
            return new Part(lost, entries, closed);
        } finally {
            lock.unlock();
        }
    }

    @Deactivate
    void close() {
        lock.lock();
        try {
            closed = true;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
