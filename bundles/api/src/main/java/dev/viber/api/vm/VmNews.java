package dev.viber.api.vm;

import dev.viber.api.event.EventBus;
import dev.viber.api.event.EventBus.Cursor;
import dev.viber.api.event.EventBus.LaggedException;
import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.store.Segment;
import dev.viber.api.store.StoreException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells what happens to VMs, from whichever event bus there is, on one thread. Whoever is told looks at what is there, so
 * that where news may have been missed one word is enough.
 *
 * <pre>{@code
 * VmNews news = new VmNews(events, vm -> lookAt(vm), () -> lookAtAll());
 * news.start();
 * }</pre>
 */
public final class VmNews implements AutoCloseable {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration REST = Duration.ofSeconds(5);

    private final Gate<EventBus> events;
    private final Consumer<String> happened;
    private final Runnable missed;
    private volatile @Nullable Cursor cursor;
    private volatile boolean stale;
    private volatile boolean closed;

    /**
     * None until {@link #start}.
     *
     * @param happened is told the name of each VM to which something has happened
     * @param missed is told at each beginning, and where events were forgotten before they were read
     */
    public VmNews(Gate<EventBus> events, Consumer<String> happened, Runnable missed) {
        this.events = events;
        this.happened = happened;
        this.missed = missed;
    }

    /** News from now on; to be called once. */
    public void start() {
        Thread.ofVirtual().name("vm-news").start(this::run);
    }

    private void run() {
        while (!closed) {
            stale = false;
            try (Cursor opened = open()) {
                missed.run();
                while (!stale && !closed) {
                    names(opened.next(LONG)).forEach(happened);
                }
            } catch (LaggedException | GateShutException e) {
                // The next beginning tells that something was missed.
            } catch (StoreException e) {
                rest(); // the store itself tells its owner why
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Inside the gate, so that a bus which leaves finds the cursor it has to close. */
    private Cursor open() {
        return events.call(bus -> {
            Cursor opened = bus.followAll(List.of(Vm.TOPIC + "*"), EventBus.END);
            cursor = opened;
            return opened;
        });
    }

    private static void rest() {
        try {
            Thread.sleep(REST);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Set<String> names(List<Segment> segments) {
        return segments.stream()
                .map(segment -> segment.topic().substring(Vm.TOPIC.length()))
                .collect(Collectors.toSet());
    }

    /** The bus has left: the next one is followed. */
    public void renew() {
        stale = true;
        Cursor present = cursor;
        if (present != null) {
            present.close();
        }
    }

    @Override
    public void close() {
        closed = true;
        renew();
    }
}
