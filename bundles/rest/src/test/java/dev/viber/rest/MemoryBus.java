package dev.viber.rest;

import dev.viber.api.event.EventBus;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

/** A journal by the contract of the bus, held in memory. */
final class MemoryBus implements EventBus {
    private final List<Segment> journal = new ArrayList<>();
    private final ObjLongConsumer<String> onPublish;
    private long position;
    private long forgotten;

    /** Tells of the last seq of a topic whenever it changes. */
    MemoryBus(ObjLongConsumer<String> onPublish) {
        this.onPublish = onPublish;
    }

    @Override
    public synchronized Promise<Long> publish(String topic, List<JournalEvent> events) {
        long seq = 1 + lastSeq(topic);
        journal.add(new Segment(position + 1, topic, seq, List.copyOf(events)));
        position += events.size();
        onPublish.accept(topic, seq + events.size() - 1);
        notifyAll();
        return Promises.resolved(seq);
    }

    private long lastSeq(String topic) {
        return journal.stream()
                .filter(s -> s.topic().equals(topic))
                .mapToLong(Segment::lastSeq)
                .max()
                .orElse(0);
    }

    /** Forgets every event up to this position. */
    synchronized void forget(long upto) {
        journal.removeIf(segment -> segment.lastPosition() <= upto);
        forgotten = upto;
    }

    @Override
    public Cursor follow(String topic, long afterSeq) {
        return new MemoryCursor(topic::equals, afterSeq, true);
    }

    @Override
    public synchronized Cursor followAll(List<String> patterns, long afterPosition) {
        return new MemoryCursor(
                topic -> patterns.contains(topic) || patterns.contains(topic.replaceAll("/.*", "/*")),
                afterPosition == END ? position : afterPosition,
                false);
    }

    private final class MemoryCursor implements Cursor {
        private final Predicate<String> topics;
        private final boolean perTopic;
        private long place;
        private boolean closed;

        MemoryCursor(Predicate<String> topics, long place, boolean perTopic) {
            this.topics = topics;
            this.place = place;
            this.perTopic = perTopic;
        }

        @Override
        public List<Segment> next(Duration atMost) throws InterruptedException, LaggedException {
            synchronized (MemoryBus.this) {
                long until = System.nanoTime() + atMost.toNanos();
                while (true) {
                    if (closed) {
                        return List.of();
                    }
                    List<Segment> found = ahead();
                    if (!found.isEmpty()
                            && firstOf(found) > place + 1
                            && forgotten > 0
                            && (perTopic || place < forgotten)) {
                        long wanted = place;
                        place = firstOf(found) - 1;
                        throw new LaggedException(wanted, place + 1);
                    }
                    if (!found.isEmpty()) {
                        place = perTopic
                                ? found.getLast().lastSeq()
                                : found.getLast().lastPosition();
                        return found;
                    }
                    long left = (until - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        return List.of();
                    }
                    MemoryBus.this.wait(left);
                }
            }
        }

        private long firstOf(List<Segment> found) {
            return perTopic ? found.getFirst().seq() : found.getFirst().position();
        }

        private List<Segment> ahead() {
            List<Segment> found = new ArrayList<>();
            for (Segment segment : journal) {
                long last = perTopic ? segment.lastSeq() : segment.lastPosition();
                if (topics.test(segment.topic()) && last > place) {
                    long skip = perTopic ? place + 1 : segment.seq() + Math.max(0, place + 1 - segment.position());
                    found.add(segment.from(skip));
                }
            }
            return found;
        }

        @Override
        public boolean isAtEnd() {
            synchronized (MemoryBus.this) {
                return ahead().isEmpty();
            }
        }

        @Override
        public void close() {
            synchronized (MemoryBus.this) {
                closed = true;
                MemoryBus.this.notifyAll();
            }
        }
    }
}
