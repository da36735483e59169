package dev.viber.store.sqlite;

import dev.viber.api.metric.Histogram;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store.Change;
import dev.viber.api.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one writer: whatever waits when it looks is done in one transaction, each change in a savepoint of its own, and one
 * fsync serves them all. A platform thread, since SQLite's native code would pin a virtual one.
 */
final class Writer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Writer.class);
    private static final int GROUP = 4096;
    private static final int QUEUE = 16_384;
    private static final int CHECKPOINT_EVERY = 512;

    private record Request<T extends @Nullable Object>(Change<T> change, Deferred<T> deferred) {}

    /** A change that ran, and how to resolve its promise once it is durable. */
    private record Done(Runnable resolve, Consumer<StoreException> fail) {}

    private static final Request<?> LAST = new Request<>(tables -> true, new Deferred<>());

    private final Db db;
    private final PromiseFactory promises;
    private final Consumer<List<Segment>> committed;
    private final Runnable checkpoint;
    private final List<Segment> appended = new ArrayList<>();
    private final JournalEnd end;
    private final SqliteTables tables;
    private final BlockingQueue<Request<?>> queue = new LinkedBlockingQueue<>(QUEUE);
    private final Thread thread;
    private volatile boolean closed;

    final LongAdder commits = new LongAdder();
    final LongAdder changes = new LongAdder();
    final LongAdder events = new LongAdder();
    final Histogram seconds = new Histogram(
            "viber_store_commit_duration_seconds",
            "From the first change of a commit to its fsync.",
            0.001,
            0.002,
            0.005,
            0.01,
            0.025,
            0.05,
            0.1,
            0.25,
            1,
            5);
    final Histogram sizes = new Histogram(
            "viber_store_commit_changes", "Changes that shared a commit.", 1, 2, 4, 16, 64, 256, 1024, 4096);

    /**
     * Starts the writer.
     *
     * @param committed is told what is durable, before the promises of the same commit resolve
     * @param checkpoint is run now and then between two groups
     */
    Writer(String name, Db db, PromiseFactory promises, Consumer<List<Segment>> committed, Runnable checkpoint) {
        this.db = db;
        this.promises = promises;
        this.committed = committed;
        this.checkpoint = checkpoint;
        end = JournalEnd.ofWriter(db);
        tables = SqliteTables.over(db, appended, end);
        thread = Thread.ofPlatform().name("store-writer-" + name).daemon().start(this::run);
    }

    /** Queues a change; waits while the queue is full. */
    <T extends @Nullable Object> Promise<T> write(Change<T> change) {
        Deferred<T> deferred = promises.deferred();
        if (closed) {
            return promises.failed(new StoreException("the store is closed", null));
        }
        try {
            queue.put(new Request<>(change, deferred));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return promises.failed(new StoreException("interrupted while waiting to write", e));
        }
        return deferred.getPromise();
    }

    /** How many changes wait. */
    int queued() {
        return queue.size();
    }

    private void run() {
        List<Request<?>> group = new ArrayList<>(GROUP);
        boolean last = false;
        int sinceCheckpoint = 0;
        while (!last) {
            try {
                group.add(queue.take());
                queue.drainTo(group, GROUP - 1);
                last = group.removeIf(LAST::equals);
                if (!group.isEmpty()) {
                    commit(group);
                    sinceCheckpoint++;
                }
            } catch (InterruptedException e) {
                LOG.debug("interrupted; only close ends the writer");
            }
            group.clear();
            if (sinceCheckpoint >= CHECKPOINT_EVERY) {
                sinceCheckpoint = 0;
                checkpoint.run();
            }
        }
    }

    private void commit(List<Request<?>> group) {
        appended.clear();
        long began = System.nanoTime();
        List<Done> done = new ArrayList<>(group.size());
        try {
            db.update("BEGIN IMMEDIATE");
            for (Request<?> request : group) {
                apply(request, done);
            }
            end.write();
            db.update("COMMIT");
        } catch (StoreException e) {
            LOG.error("a group of {} changes could not be committed: {}", group.size(), e.getMessage());
            rollback();
            done.forEach(one -> one.fail().accept(e));
            failRest(group, e);
            return;
        }
        seconds.observe((System.nanoTime() - began) / 1e9);
        sizes.observe(done.size());
        commits.increment();
        changes.add(done.size());
        if (!appended.isEmpty()) {
            List<Segment> segments = List.copyOf(appended);
            segments.forEach(segment -> events.add(segment.events().size()));
            committed.accept(segments);
        }
        done.forEach(one -> one.resolve().run());
    }

    private <T extends @Nullable Object> void apply(Request<T> request, List<Done> done) {
        int before = appended.size();
        long endBefore = end.last();
        db.update("SAVEPOINT change");
        try {
            T value = request.change().apply(tables);
            db.update("RELEASE change");
            done.add(new Done(
                    () -> request.deferred().resolve(value),
                    failure -> request.deferred().fail(failure)));
        } catch (Exception | StackOverflowError e) {
            appended.subList(before, appended.size()).clear();
            end.back(endBefore);
            db.update("ROLLBACK TO change");
            db.update("RELEASE change");
            // Resolved with the others: what it saw of changes before it in this group is not durable before that.
            done.add(new Done(
                    () -> request.deferred().fail(e),
                    failure -> request.deferred().fail(e)));
        }
    }

    private static void failRest(List<Request<?>> group, StoreException e) {
        for (Request<?> request : group) {
            if (!request.deferred().getPromise().isDone()) {
                request.deferred().fail(e);
            }
        }
    }

    private void rollback() {
        try {
            db.execute("ROLLBACK");
        } catch (StoreException e) {
            LOG.debug("nothing to roll back: {}", e.getMessage());
        }
        try {
            end.reload();
        } catch (StoreException e) {
            LOG.debug("the end of the journal cannot be read either: {}", e.getMessage());
        }
    }

    /** Finishes what was taken in, and ends. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean interrupted = false;
        while (true) {
            try {
                queue.put(LAST);
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        // A change that slipped in behind the last one is told, not left waiting.
        List<Request<?>> late = new ArrayList<>();
        queue.drainTo(late);
        failRest(late, new StoreException("the store is closed", null));
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
