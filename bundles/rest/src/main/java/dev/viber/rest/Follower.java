package dev.viber.rest;

import dev.viber.api.event.EventBus;
import dev.viber.api.event.EventBus.Cursor;
import dev.viber.api.event.EventBus.LaggedException;
import dev.viber.api.gate.Gate;
import dev.viber.api.store.Segment;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the journal for one reader, over every change of the bus behind the gate, until the sink has enough or it is
 * closed. {@link #run} belongs to one thread; the other methods may be called from any.
 */
final class Follower implements AutoCloseable {
    /** Opens a cursor behind a place: a seq or a position. */
    @FunctionalInterface
    interface Opening {
        Cursor open(EventBus bus, long after);
    }

    /** Takes in what was read. */
    interface Sink {
        /** These came; returns the place behind them. */
        long events(List<Segment> segments) throws IOException;

        /** The events up to {@code oldest} are gone. */
        void lagged(long wanted, long oldest) throws IOException;

        /** Nothing came for the time of a heartbeat. */
        void idle() throws IOException;

        /** Asked when everything there is was read: whether nothing more can come. */
        boolean hasEnded();
    }

    private final Gate<EventBus> events;
    private final Opening opening;
    private final Consumer<Follower> onClose;
    private final Runnable onLagged;
    private long place;
    private volatile @Nullable Cursor cursor;
    private volatile boolean stale = true;
    private volatile boolean closed;

    Follower(Gate<EventBus> events, Opening opening, long after, Consumer<Follower> onClose, Runnable onLagged) {
        this.events = events;
        this.opening = opening;
        this.place = after;
        this.onClose = onClose;
        this.onLagged = onLagged;
    }

    /**
     * The cursor, opened anew where its bus has left.
     *
     * @throws dev.viber.api.gate.GateShutException where no bus came in time
     */
    Cursor cursor() {
        Cursor present = cursor;
        if (present != null && !stale) {
            return present;
        }
        return events.call(bus -> {
            stale = false;
            Cursor opened = opening.open(bus, place);
            cursor = opened;
            if (closed) {
                opened.close();
            }
            return opened;
        });
    }

    /** Reads until the sink says it has ended, or this is closed. */
    void run(Sink sink, Duration heartbeat) throws IOException, InterruptedException {
        while (!closed) {
            Cursor present = cursor();
            if (present.isAtEnd() && sink.hasEnded()) {
                return;
            }
            try {
                List<Segment> segments = present.next(heartbeat);
                if (!segments.isEmpty()) {
                    place = sink.events(segments);
                } else if (!stale && !closed) {
                    sink.idle();
                }
            } catch (LaggedException e) {
                onLagged.run();
                sink.lagged(e.wanted(), e.oldest());
            }
        }
    }

    /** The bus has left: what was read stays read, and reading goes on at the next one. */
    void renew() {
        stale = true;
        closeCursor();
    }

    /** Whether {@link #close} was called. */
    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        closeCursor();
        onClose.accept(this);
    }

    private void closeCursor() {
        Cursor present = cursor;
        if (present != null) {
            present.close();
        }
    }
}
