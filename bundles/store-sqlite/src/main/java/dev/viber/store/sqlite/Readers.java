package dev.viber.store.sqlite;

import dev.viber.api.store.Store.Question;
import dev.viber.api.store.StoreException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** A few connections for questions, each on a platform thread of its own: SQLite's native code would pin virtual ones. */
final class Readers implements AutoCloseable {
    private record Reader(Db db, SqliteTables tables) {}

    private final ExecutorService threads;
    private final BlockingQueue<Reader> idle;

    Readers(String name, Path file, int count) {
        idle = new ArrayBlockingQueue<>(count);
        for (int i = 0; i < count; i++) {
            Db db = Db.open(file, true);
            idle.add(new Reader(db, SqliteTables.over(db, new ArrayList<>(), JournalEnd.ofReader(db))));
        }
        threads = Executors.newFixedThreadPool(
                count,
                Thread.ofPlatform()
                        .name("store-reader-" + name + "-", 0)
                        .daemon()
                        .factory());
    }

    <T extends @Nullable Object> T read(Question<T> question) {
        try {
            return threads.submit(() -> answer(question)).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("interrupted while waiting to read", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new StoreException("cannot read: " + e.getCause(), e.getCause());
        } catch (RejectedExecutionException e) {
            throw new StoreException("the store is closed", e);
        }
    }

    // One short transaction: a consistent snapshot that does not keep the log from being checkpointed.
    private <T extends @Nullable Object> T answer(Question<T> question) throws InterruptedException {
        // There are as many connections as threads, so that one is always idle here.
        Reader mine = idle.take();
        try {
            mine.db().execute("BEGIN");
            try {
                return question.apply(mine.tables());
            } finally {
                mine.db().execute("COMMIT");
            }
        } finally {
            idle.add(mine);
        }
    }

    @Override
    public void close() {
        threads.close();
        idle.forEach(one -> one.db().close());
        idle.clear();
    }
}
