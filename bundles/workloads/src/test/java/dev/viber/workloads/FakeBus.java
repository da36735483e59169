package dev.viber.workloads;

import dev.viber.api.event.EventBus;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/** A bus on which VMs of no store tell what happens to them. */
final class FakeBus implements EventBus {
    private final Set<Place> places = ConcurrentHashMap.newKeySet();

    private static final class Place implements Cursor {
        private final LinkedBlockingQueue<List<Segment>> queue = new LinkedBlockingQueue<>();

        @Override
        public List<Segment> next(Duration atMost) throws InterruptedException {
            List<Segment> next = queue.poll(atMost.toMillis(), TimeUnit.MILLISECONDS);
            return next == null ? List.of() : next;
        }

        @Override
        public boolean isAtEnd() {
            return queue.isEmpty();
        }

        @Override
        public void close() {
            queue.add(List.of());
        }
    }

    /** Something has happened. */
    void tell(String topic) {
        Segment segment = new Segment(1, topic, 1, List.of(new JournalEvent("any", 0, "{}")));
        places.forEach(place -> place.queue.add(List.of(segment)));
    }

    @Override
    public Cursor followAll(List<String> patterns, long afterPosition) {
        Place place = new Place();
        places.add(place);
        return place;
    }

    @Override
    public Cursor follow(String topic, long afterSeq) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Promise<Long> publish(String topic, @Nullable List<JournalEvent> events) {
        throw new UnsupportedOperationException();
    }
}
