package dev.viber.legacy;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.RevocationListener;
import dev.viber.api.event.EventBus;
import dev.viber.api.event.EventBus.Cursor;
import dev.viber.api.event.EventBus.LaggedException;
import dev.viber.api.gate.Gate;
import dev.viber.api.store.Segment;
import dev.viber.api.vm.Vm;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/** What happens to VMs, for readers that each follow it; where the event bus leaves they end, and come back by themselves. */
@Component(service = {VmEvents.class, RevocationListener.class})
public final class VmEvents implements RevocationListener {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration HEARTBEAT = Duration.ofSeconds(15);

    private final Gate<EventBus> bus = new Gate<>("event bus", PATIENCE);
    private final Set<Reading> readings = ConcurrentHashMap.newKeySet();

    /** Takes in what is read. */
    interface Sink {
        /** It happened; the position is the place to come back to. */
        void event(long position, FirstWords.Told told) throws IOException;

        /** Nothing happened for a while; or the reader was so slow that some of it is forgotten. */
        void idle() throws IOException;
    }

    /**
     * Follows.
     *
     * @param by who; null where that is not known
     * @param after a position in the journal; {@link EventBus#END} for only what comes
     * @throws dev.viber.api.gate.GateShutException where there is no bus
     */
    Reading follow(@Nullable Principal by, long after) {
        Reading reading = new Reading(by, bus.call(present -> present.followAll(List.of(Vm.TOPIC + "*"), after)));
        readings.add(reading);
        return reading;
    }

    /** One reader's place. */
    final class Reading implements AutoCloseable {
        private final @Nullable Principal by;
        private final Cursor cursor;
        private final FirstWords words = new FirstWords();
        private volatile boolean closed;

        private Reading(@Nullable Principal by, Cursor cursor) {
            this.by = by;
            this.cursor = cursor;
        }

        /** Reads until it is closed; on one thread. */
        void run(Sink sink) throws IOException, InterruptedException {
            while (!closed) {
                try {
                    List<Segment> segments = cursor.next(HEARTBEAT);
                    for (Segment segment : segments) {
                        for (int i = 0; i < segment.events().size(); i++) {
                            FirstWords.Told told = words.tell(segment.events().get(i));
                            if (told != null) {
                                sink.event(segment.position() + i, told);
                            }
                        }
                    }
                    if (segments.isEmpty() && !closed) {
                        sink.idle();
                    }
                } catch (LaggedException e) {
                    sink.idle(); // the first Viper had no word for it
                }
            }
        }

        @Override
        public void close() {
            closed = true;
            readings.remove(this);
            cursor.close();
        }
    }

    /** Who is behind the attribute or property {@code viber.http.principal}; null for nobody. */
    static @Nullable Principal by(@Nullable Object attribute) {
        return attribute instanceof Principal principal ? principal : null;
    }

    @Override
    public void revoked(Principal principal) {
        readings.stream()
                .filter(reading -> reading.by != null && reading.by.tokenId().equals(principal.tokenId()))
                .forEach(Reading::close);
    }

    /** Ends every reading. */
    @Deactivate
    void close() {
        readings.forEach(Reading::close);
    }

    @Reference(
            target = "(store=gateway)",
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindEvents(EventBus found) {
        bus.open(found);
    }

    void unbindEvents(EventBus gone) {
        bus.close(gone);
        close();
    }
}
