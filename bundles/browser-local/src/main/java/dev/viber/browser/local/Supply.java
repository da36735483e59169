package dev.viber.browser.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Browsers that are nobody's yet: those kept warm, and those that are being started. */
final class Supply {
    private static final Logger LOG = LoggerFactory.getLogger(Supply.class);

    private final Settings settings;
    private final Confinement confinement;
    private final Path folder;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as all below; being started, started, or failed. */
    private final Deque<CompletableFuture<LocalSession>> warm = new ArrayDeque<>();

    private final BitSet numbers = new BitSet();
    private final Set<Thread> starters = new HashSet<>();
    private boolean closed;

    Supply(Settings settings, Confinement confinement, Path folder) {
        this.settings = settings;
        this.confinement = confinement;
        this.folder = folder;
    }

    /** A warm one, or one that is started now. */
    CompletableFuture<LocalSession> next() {
        lock.lock();
        try {
            for (CompletableFuture<LocalSession> each = warm.poll(); each != null; each = warm.poll()) {
                if (!each.isDone() || isAlive(each)) {
                    return each;
                }
                var _ = each.thenAccept(dead -> Thread.ofVirtual().start(() -> endQuietly(dead)));
            }
            return starting();
        } finally {
            lock.unlock();
        }
    }

    /** Starts what is to be kept warm, as far as there is room for so many. */
    void refill(int room) {
        lock.lock();
        try {
            while (!closed && warm.size() < Math.min(settings.warm(), room)) {
                warm.add(starting());
            }
        } finally {
            lock.unlock();
        }
    }

    /** One that an earlier process kept warm. */
    void add(LocalSession session) {
        lock.lock();
        try {
            warm.add(CompletableFuture.completedFuture(session));
        } finally {
            lock.unlock();
        }
    }

    /** The user id of a session that was found is nobody else's while that runs. */
    void taken(LocalSession session) {
        if (confinement.isRoot()) {
            int number = session.facts().uid() - settings.uid_base();
            lock.lock();
            try {
                numbers.set(number);
            } finally {
                lock.unlock();
            }
            var _ = session.onExit().thenRun(() -> free(number));
        }
    }

    /** Those that are up. */
    List<LocalSession> ready() {
        lock.lock();
        try {
            return warm.stream()
                    .filter(each -> each.isDone() && isAlive(each))
                    .map(CompletableFuture::join)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is started any more, and nothing is left of what was being started; the others, for whoever closes this. */
    List<LocalSession> close() {
        List<Thread> starting;
        lock.lock();
        try {
            closed = true;
            starting = List.copyOf(starters);
        } finally {
            lock.unlock();
        }
        try {
            for (Thread each : starting) {
                each.interrupt();
            }
            for (Thread each : starting) {
                each.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new ArrayList<>(ready());
    }

    static void endQuietly(LocalSession session) {
        try {
            session.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletableFuture<LocalSession> starting() {
        int number = numbers.nextClearBit(0);
        numbers.set(number);
        CompletableFuture<LocalSession> out = new CompletableFuture<>();
        Thread starter = Thread.ofVirtual().name("browser-start").unstarted(() -> {
            try {
                long begun = System.nanoTime();
                int uid = confinement.uid(number);
                Place place = Place.make(folder, uid, confinement.isRoot());
                LocalSession session =
                        LocalSession.start(confinement, place, uid, settings.orphan_ms(), settings.start_ms());
                LOG.debug("a browser came up in {} ms", (System.nanoTime() - begun) / 1_000_000);
                var _ = session.onExit().thenRun(() -> free(number));
                if (isClosed()) {
                    session.end();
                    throw new IOException("the browsers of this machine stop");
                }
                out.complete(session);
            } catch (InterruptedException e) {
                free(number);
                out.completeExceptionally(new IOException("the browsers of this machine stop", e));
            } catch (IOException | RuntimeException | Error e) {
                free(number);
                out.completeExceptionally(e);
            } finally {
                begun(Thread.currentThread());
            }
        });
        starters.add(starter);
        starter.start();
        return out;
    }

    private void begun(Thread starter) {
        lock.lock();
        try {
            starters.remove(starter);
        } finally {
            lock.unlock();
        }
    }

    private static boolean isAlive(CompletableFuture<LocalSession> session) {
        return !session.isCompletedExceptionally() && session.join().isAlive();
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void free(int number) {
        lock.lock();
        try {
            numbers.clear(number);
        } finally {
            lock.unlock();
        }
    }
}
