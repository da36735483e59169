package dev.viber.browser.local;

import dev.viber.api.vm.Room;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Browsers that are nobody's yet: those kept warm, and those that are being started. What nobody waits for is started one at
 * a time, when none was taken, started or given back for a moment, or after a while where there is no such moment; while the
 * processors are short at most one a minute: it takes next to nothing from those who use theirs.
 */
final class Supply {
    private static final Logger LOG = LoggerFactory.getLogger(Supply.class);
    private static final long CALM_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORT_AT_MOST_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long BUSY_AT_MOST_NS = TimeUnit.MINUTES.toNanos(1);

    private final Settings settings;
    private final Confinement confinement;
    private final Path folder;
    private final ReentrantLock lock = new ReentrantLock();
    /** Guarded by the lock, as all below; being started, started, or failed. */
    private final Deque<CompletableFuture<LocalSession>> warm = new ArrayDeque<>();

    private final BitSet numbers = new BitSet();
    private final Set<Thread> starters = new HashSet<>();
    private final Condition changed = lock.newCondition();
    private @Nullable Thread keeper;
    private long stirred = System.nanoTime() - CALM_NS;
    private long added = System.nanoTime() - BUSY_AT_MOST_NS;
    private int room;
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
            stir();
            room--;
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

    /** Has started by and by what is to be kept warm, as far as there is room for so many. */
    void refill(int newRoom) {
        lock.lock();
        try {
            room = newRoom;
            if (keeper == null && isShort()) {
                keeper = Thread.ofVirtual().name("browser-supply").start(this::keep);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isShort() {
        return !closed && warm.size() < Math.min(settings.warm(), room);
    }

    private void keep() {
        lock.lock();
        try {
            long due = System.nanoTime() + SHORT_AT_MOST_NS;
            while (isShort()) {
                long calm = Math.min(stirred + CALM_NS, due) - System.nanoTime();
                if (!starters.isEmpty()) {
                    changed.await();
                } else if (calm > 0) {
                    changed.awaitNanos(calm);
                } else if (System.nanoTime() - added < BUSY_AT_MOST_NS && Room.isBusy()) {
                    changed.awaitNanos(CALM_NS);
                } else {
                    added = System.nanoTime();
                    warm.add(starting());
                    due = System.nanoTime() + SHORT_AT_MOST_NS;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            keeper = null;
            lock.unlock();
        }
    }

    /** What is to be kept warm waits a while: somebody is at work. */
    void stir() {
        lock.lock();
        try {
            stirred = System.nanoTime();
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
            changed.signalAll();
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
            stir();
            changed.signalAll();
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
