package dev.viber.agent;

import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Services that come and go under a name: the highest-ranking one of a name serves, behind a gate of its name.
 *
 * @param <T> the service
 */
final class Offers<T> {
    /** How long a leaving service waits for its calls. */
    private static final Duration FAREWELL = Duration.ofSeconds(30);

    private record Offer<T>(T service, int ranking, long id) {}

    private static final class Shelf<T> {
        final Gate<T> gate;
        final List<Offer<T>> offers = new ArrayList<>();

        Shelf(String name) {
            gate = new Gate<>(name, FAREWELL);
        }
    }

    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Shelf<T>> shelves = new TreeMap<>();

    Offers(Duration patience) {
        this.patience = patience;
    }

    void add(String name, T service, Map<String, ?> properties) {
        lock.lock();
        try {
            Shelf<T> shelf = shelves.computeIfAbsent(name, Shelf::new);
            int ranking = properties.get("service.ranking") instanceof Integer given ? given : 0;
            long id = properties.get("service.id") instanceof Long given ? given : 0;
            shelf.offers.add(new Offer<>(service, ranking, id));
            shelf.offers.sort(Comparator.comparingInt((Offer<T> offer) -> -offer.ranking())
                    .thenComparingLong(Offer::id));
            shelf.gate.open(shelf.offers.getFirst().service());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a service away and waits, for a bounded time, until no call is inside it. */
    @SuppressWarnings("ReferenceEquality") // a service is itself, whatever its equals says
    void remove(T service) {
        List<Shelf<T>> left = new ArrayList<>();
        lock.lock();
        try {
            for (Shelf<T> shelf : shelves.values()) {
                if (shelf.offers.removeIf(offer -> offer.service() == service)) {
                    left.add(shelf);
                    if (!shelf.offers.isEmpty()) {
                        shelf.gate.open(shelf.offers.getFirst().service());
                    }
                }
            }
        } finally {
            lock.unlock();
        }
        left.forEach(shelf -> shelf.gate.close(service));
    }

    /** Names there is a service for now. */
    List<String> names() {
        lock.lock();
        try {
            return shelves.entrySet().stream()
                    .filter(shelf -> !shelf.getValue().offers.isEmpty())
                    .map(Map.Entry::getKey)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The name of a service that is there and fits, waiting for one where it is worth it.
     *
     * @param names which names are looked at
     * @param fits asked of the services there; must be quick
     * @param patient wait even for what was never here
     */
    Optional<String> find(Predicate<String> names, Predicate<T> fits, boolean patient) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = patience.toNanos();
            while (true) {
                Optional<String> found = best(names, fits);
                if (found.isPresent() || left <= 0 || !(patient || isAway(names))) {
                    return found;
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Calls the service of this name; it stays for as long as the call takes. */
    <R extends @Nullable Object, X extends Exception> R call(String name, Gate.Call<T, R, X> call)
            throws X, InterruptedException {
        Shelf<T> shelf;
        lock.lock();
        try {
            shelf = shelves.computeIfAbsent(name, Shelf::new);
        } finally {
            lock.unlock();
        }
        try {
            return shelf.gate.call(call);
        } catch (GateShutException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw e;
        }
    }

    private Optional<String> best(Predicate<String> names, Predicate<T> fits) {
        return shelves.entrySet().stream()
                .filter(shelf ->
                        names.test(shelf.getKey()) && !shelf.getValue().offers.isEmpty())
                .filter(shelf -> fits.test(shelf.getValue().offers.getFirst().service()))
                .max(Comparator.comparingInt(
                        shelf -> shelf.getValue().offers.getFirst().ranking()))
                .map(Map.Entry::getKey);
    }

    private boolean isAway(Predicate<String> names) {
        return shelves.entrySet().stream()
                .anyMatch(shelf ->
                        names.test(shelf.getKey()) && shelf.getValue().offers.isEmpty());
    }
}
