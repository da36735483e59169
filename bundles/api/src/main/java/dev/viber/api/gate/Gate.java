package dev.viber.api.gate;

import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/**
 * A gate in front of a service that may be swapped under load: calls wait while it is shut, and a service leaves only
 * when the calls inside it are done.
 *
 * <pre>{@code
 * private final Gate<Store> store = new Gate<>("store", Duration.ofSeconds(30));
 *
 * @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
 * void bindStore(Store found) { store.open(found); }
 * void unbindStore(Store gone) { store.close(gone); }
 *
 * Task task = store.call(s -> s.read(t -> t.tasks().find(id)));
 * }</pre>
 *
 * <p>Safe for use by several threads. A call made from inside a call of the same gate counts as one more call; it must
 * not be made by code that the leaving service itself waits for.
 *
 * @param <T> the service
 */
public final class Gate<T> {
    /** A call through the gate, which may throw what it likes. */
    @FunctionalInterface
    public interface Call<T, R extends @Nullable Object, X extends Exception> {
        /** Uses the service; it stays for as long as this runs. */
        R apply(T service) throws X;
    }

    private final String what;
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final IdentityHashMap<T, Integer> inside = new IdentityHashMap<>();
    private @Nullable T current;

    /**
     * A shut gate.
     *
     * @param what names the service in errors
     * @param patience how long a call waits for a service, and a leaving service for its calls
     */
    public Gate(String what, Duration patience) {
        this.what = what;
        this.patience = patience;
    }

    /** Lets calls through to this service; from now on it serves instead of any before it. */
    public void open(T service) {
        lock.lock();
        try {
            current = service;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Shuts the gate if this service is the one behind it, and waits until the calls inside it are done. */
    @SuppressWarnings("ReferenceEquality") // a service is itself, whatever its equals says
    public void close(T service) {
        lock.lock();
        try {
            if (current == service) {
                current = null;
            }
            long left = patience.toNanos();
            while (inside.getOrDefault(service, 0) > 0 && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a call would go through at once. */
    public boolean isOpen() {
        return peek().isPresent();
    }

    /** The service behind the gate at this instant, without holding it there: for facts, not for work. */
    public Optional<T> peek() {
        lock.lock();
        try {
            return Optional.ofNullable(current);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Calls the service, waiting for one while there is none.
     *
     * @throws GateShutException where none came in time, or the wait was interrupted
     */
    public <R extends @Nullable Object, X extends Exception> R call(Call<T, R, X> call) throws X {
        T service = enter();
        try {
            return call.apply(service);
        } finally {
            leave(service);
        }
    }

    /** As {@link #call}, for calls that return later: the service stays until the promise is resolved. */
    public <R, X extends Exception> Promise<R> callAsync(Call<T, Promise<R>, X> call) throws X {
        T service = enter();
        boolean handedOver = false;
        try {
            Promise<R> promise = call.apply(service);
            handedOver = true;
            return promise.onResolve(() -> leave(service));
        } finally {
            if (!handedOver) {
                leave(service);
            }
        }
    }

    /** Does something with the service if one is there, and nothing otherwise. */
    public void ifOpen(Consumer<T> action) {
        T service;
        lock.lock();
        try {
            if (current == null) {
                return;
            }
            service = current;
            inside.merge(service, 1, Integer::sum);
        } finally {
            lock.unlock();
        }
        try {
            action.accept(service);
        } finally {
            leave(service);
        }
    }

    private T enter() {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (current == null) {
                if (left <= 0) {
                    throw new GateShutException(what, patience);
                }
                left = changed.awaitNanos(left);
            }
            T service = current;
            inside.merge(service, 1, Integer::sum);
            return service;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GateShutException(what, Duration.ZERO);
        } finally {
            lock.unlock();
        }
    }

    private void leave(T service) {
        lock.lock();
        try {
            inside.computeIfPresent(service, (s, count) -> count == 1 ? null : count - 1);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
