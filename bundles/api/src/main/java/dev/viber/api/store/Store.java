package dev.viber.api.store;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/**
 * A durable store: one journal and the tables beside it.
 *
 * <pre>{@code
 * Promise<Long> seq = store.write(tables -> {
 *     tables.tasks().insert(row);
 *     return tables.journal().append("task/" + row.id(), List.of(new JournalEvent("queued", now, "{}")));
 * });
 * }</pre>
 *
 * <p>The service property {@code store} is the role it was configured with, {@code gateway} or {@code viber}. A store
 * being stopped finishes what it has taken in.
 */
@ProviderType
public interface Store {
    /** The service property that tells stores of one framework apart. */
    String ROLE = "store";

    /** A change of the tables; whole or not at all. Runs on the store's one writer thread: computes, never waits. */
    @ConsumerType
    @FunctionalInterface
    interface Change<T extends @Nullable Object> {
        /** Reads and writes the tables; what it throws undoes this change alone and fails its promise. */
        T apply(Tables tables) throws Exception;
    }

    /** A question to the tables, answered from one consistent snapshot. */
    @ConsumerType
    @FunctionalInterface
    interface Question<T extends @Nullable Object> {
        /** Reads the tables. Writing to them is refused with a {@link StoreException}. */
        T apply(Tables tables);
    }

    /** Is told what was committed, in order, before the promises of the same commit resolve; must not block. */
    @ConsumerType
    @FunctionalInterface
    interface CommitListener {
        /** These segments are durable now. */
        void committed(List<Segment> segments);
    }

    /**
     * Makes a change; the promise resolves when it is durable (a finished fsync). Changes apply in the order handed in,
     * and those that wait together share one commit.
     */
    <T extends @Nullable Object> Promise<T> write(Change<T> change);

    /** Answers a question at once, from what is committed, never waiting for writers. */
    <T extends @Nullable Object> T read(Question<T> question);

    /** Adds a listener; closing what is returned removes it. */
    Registration listen(CommitListener listener);

    /** Facts for people and metrics: {@code commits}, {@code changes}, {@code bytes}, {@code schema}... */
    Map<String, Long> facts();

    /** A listener's place. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
