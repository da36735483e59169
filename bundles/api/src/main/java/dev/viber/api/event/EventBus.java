package dev.viber.api.event;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import java.time.Duration;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/**
 * The committed journal as a bus: published to, and followed from any position, however far back.
 *
 * <pre>{@code
 * try (Cursor cursor = bus.follow("task/" + id, lastSeen)) {
 *     while (open) {
 *         for (Segment segment : cursor.next(Duration.ofSeconds(15))) { ... }
 *     }
 * }
 * }</pre>
 *
 * <p>No follower sees an event before its commit, misses one, or sees one twice. A slow follower costs no memory: past
 * its buffer it reads from the store again. The service property {@code store} tells whose journal it is.
 */
@ProviderType
public interface EventBus {
    /** Appends events to a topic; resolves with the seq of the first when they are durable. */
    Promise<Long> publish(String topic, List<JournalEvent> events);

    /** Follows one topic from behind {@code afterSeq}; 0 for its beginning. */
    Cursor follow(String topic, long afterSeq);

    /**
     * Follows all topics that match one of the patterns, from behind a position.
     *
     * @param patterns exact topics, or a subject with a star: {@code task/*}
     * @param afterPosition 0 for the beginning of the journal, {@link #END} for only what comes
     */
    Cursor followAll(List<String> patterns, long afterPosition);

    /** The position behind everything that is there. */
    long END = Long.MAX_VALUE;

    /** A place in the journal, moved on by each {@link #next}; used by one thread at a time. */
    interface Cursor extends AutoCloseable {
        /**
         * The next events, waiting for some; empty after the wait, or when closed.
         *
         * @throws LaggedException where events behind this cursor's place were forgotten by retention; the cursor then
         *     stands at the oldest that is left
         * @throws InterruptedException where the wait was interrupted
         */
        List<Segment> next(Duration atMost) throws InterruptedException, LaggedException;

        /** Whether nothing is there now that {@link #next} would return at once. */
        boolean isAtEnd();

        /** Ends the wait of another thread; a second close does nothing. */
        @Override
        void close();
    }

    /** A follower lost its place: what it had not read yet was forgotten. */
    final class LaggedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final long wanted;
        private final long oldest;

        /** Events from behind {@code wanted} on were asked for, {@code oldest} is the first left. */
        public LaggedException(long wanted, long oldest) {
            super("events after %d were asked for; the oldest kept is %d".formatted(wanted, oldest));
            this.wanted = wanted;
            this.oldest = oldest;
        }

        /** The place behind which events were asked for: a seq, or a position where all topics are followed. */
        public long wanted() {
            return wanted;
        }

        /** The first that is left, counted as {@link #wanted} is. */
        public long oldest() {
            return oldest;
        }
    }
}
