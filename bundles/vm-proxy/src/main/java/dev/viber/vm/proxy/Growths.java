package dev.viber.vm.proxy;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Tells of files that grow, by one watcher for all who wait: a system gives few of them to a user. */
final class Growths {
    /** Somebody waits for a file to grow. */
    final class Wait implements AutoCloseable {
        private final Path file;
        private final Semaphore grown = new Semaphore(0);
        private volatile boolean closed;

        private Wait(Path file) {
            this.file = file;
        }

        /** Returns once it may have grown since the last call, or this is closed; false where neither was in these seconds. */
        boolean await(long seconds) throws InterruptedException {
            boolean told = grown.tryAcquire(seconds, TimeUnit.SECONDS);
            grown.drainPermits();
            return told;
        }

        /** Has who waits look, though nothing may have grown. */
        void wake() {
            grown.release();
        }

        boolean isClosed() {
            return closed;
        }

        @Override
        public void close() throws IOException {
            closed = true;
            over(this);
            wake();
        }
    }

    private final Set<Wait> waits = new HashSet<>();
    private @Nullable WatchService watch;

    /** Waits for a file in a folder that is there; it may not be there itself yet. */
    synchronized Wait of(Path file) throws IOException {
        Wait wait = new Wait(file.toAbsolutePath());
        Path folder = wait.file.getParent();
        if (folder == null) {
            throw new IOException("'%s' is in no folder".formatted(file));
        }
        WatchService present = watch;
        if (present == null) {
            WatchService made = folder.getFileSystem().newWatchService();
            Thread.ofVirtual().name("vm-logs-watch").start(() -> run(made));
            watch = made;
            present = made;
        }
        waits.add(wait);
        boolean watched = false;
        try {
            folder.register(present, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_MODIFY);
            watched = true;
        } finally {
            if (!watched) {
                over(wait);
            }
        }
        return wait;
    }

    private synchronized void over(Wait wait) throws IOException {
        WatchService present = watch;
        if (waits.remove(wait) && waits.isEmpty() && present != null) {
            watch = null;
            present.close();
        }
    }

    private void run(WatchService mine) {
        try {
            while (true) {
                WatchKey key = mine.take();
                Path folder = (Path) key.watchable();
                key.pollEvents().forEach(event -> tell(folder, event));
                key.reset();
            }
        } catch (ClosedWatchServiceException e) {
            // Nobody waits any more.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tell(Path folder, WatchEvent<?> event) {
        List<Wait> theirs;
        synchronized (this) {
            theirs = waits.stream()
                    // Where events were lost, it may have been any file.
                    .filter(wait -> !(event.context() instanceof Path name)
                            || folder.resolve(name).equals(wait.file))
                    .toList();
        }
        theirs.forEach(Wait::wake);
    }
}
