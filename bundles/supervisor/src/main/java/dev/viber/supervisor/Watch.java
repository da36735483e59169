package dev.viber.supervisor;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees processes end, whosever children they are: Java's own {@code onExit} polls those of others. One platform thread
 * waits for all of them.
 */
final class Watch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long STOP = 0;
    private static final int SIGKILL = 9;

    /** A process under watch. */
    static final class Watched {
        private final long pid;
        private final int descriptor;
        private final Runnable ended;
        private boolean closed;

        private Watched(long pid, int descriptor, Runnable ended) {
            this.pid = pid;
            this.descriptor = descriptor;
            this.ended = ended;
        }

        /** Ends it at once; does nothing where it has ended. */
        synchronized void kill() {
            if (closed || descriptor < 0) {
                return;
            }
            try {
                Native.signal(descriptor, SIGKILL);
            } catch (IOException e) {
                LOG.warn("process {} cannot be killed", pid, e);
            }
        }

        /** Closing takes it out of the epoll, too; from now on its number may be another's. */
        private synchronized void close() throws IOException {
            if (!closed && descriptor >= 0) {
                closed = true;
                Native.close(descriptor);
            }
        }
    }

    private final int epoll;
    private final int bell;
    private final AtomicLong marks = new AtomicLong();
    private final Map<Long, Watched> watched = new ConcurrentHashMap<>();
    private final Thread thread;

    Watch() {
        try {
            epoll = Native.createEpoll();
            bell = Native.eventDescriptor();
            Native.watch(epoll, bell, STOP);
        } catch (IOException e) {
            throw new IllegalStateException("processes cannot be watched", e);
        }
        thread = Thread.ofPlatform().daemon().name("vm-watch").start(this::run);
    }

    /**
     * Watches a process from now on.
     *
     * @param ended is called once, on a virtual thread, when it has ended; at once where it has already
     */
    Watched watch(long pid, Runnable ended) throws IOException {
        int descriptor = Native.openProcess(pid);
        Watched one = new Watched(pid, descriptor, ended);
        if (descriptor < 0) {
            Thread.ofVirtual().name("vm-exit").start(ended);
            return one;
        }
        long mark = marks.incrementAndGet();
        watched.put(mark, one);
        Native.watch(epoll, descriptor, mark);
        return one;
    }

    private void run() {
        try {
            for (long mark = Native.await(epoll); mark != STOP; mark = Native.await(epoll)) {
                Watched one = watched.remove(mark);
                if (one != null) {
                    one.close();
                    Thread.ofVirtual().name("vm-exit").start(one.ended);
                }
            }
        } catch (IOException e) {
            LOG.error("processes are not watched any more", e);
        }
    }

    /** Watches no longer; the processes go on. */
    @Override
    public void close() {
        try {
            Native.wake(bell);
            thread.join();
            for (Watched one : watched.values()) {
                one.close();
            }
            Native.close(bell);
            Native.close(epoll);
        } catch (IOException e) {
            LOG.warn("the watch over processes did not end cleanly", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
