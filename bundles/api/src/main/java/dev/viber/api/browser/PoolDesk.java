package dev.viber.api.browser;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/**
 * Where pools are made, and browsers taken from them and given back.
 *
 * <p>Promises resolve when what was asked for is durable, and fail with a {@code ProblemException} where it cannot be.
 */
@ProviderType
public interface PoolDesk {
    /**
     * A session, and the VM that is its browser's.
     *
     * @param id chosen by who asked; {@code VIBER/ID} where that was a viber
     */
    record Session(String id, String pool, String vm, Instant since, Instant until) {}

    /**
     * Somebody who waits.
     *
     * @param id of the session to be
     * @param place 1 for who is served next
     */
    record Waiting(String id, int place, Instant since, Instant until) {}

    /**
     * A pool as it is now.
     *
     * @param ready browsers for whoever comes next
     * @param coming browsers on their way
     * @param sessions in use, oldest first
     * @param queue who waits, in order
     * @param trouble what keeps it from making more; null for nothing
     */
    record State(
            Pool pool,
            int ready,
            int coming,
            List<Session> sessions,
            List<Waiting> queue,
            @Nullable String trouble) {}

    /** Pools, by name. */
    List<State> list();

    /** The pool of this name. */
    Optional<State> find(String name);

    /** Makes a pool; its browsers come one after the other. */
    Promise<State> create(Pool pool);

    /** Changes how many are kept ready, and how many there may be; null leaves it as it is. */
    Promise<State> change(String name, @Nullable Integer warm, @Nullable Integer most);

    /** Removes a pool with its sessions, and returns when none of its VMs is left. */
    Promise<State> delete(String name);

    /** Takes a browser: at once where one is ready, else in the order of asking; the same id gives the same again. */
    Promise<Session> acquire(String pool, BrowserRequest request);

    /**
     * Gives a browser back: its VM is gone when this resolves. A problem, not found, where there is no such session; whoever
     * waits for it is told that it is gone, and waits no more.
     */
    default Promise<Session> release(String pool, String id) {
        return release(pool, id, "it was given back");
    }

    /**
     * Ends a session: its VM is gone when this resolves. A problem, not found, where there is no such session; whoever waits
     * for it is told that it is gone, and waits no more.
     *
     * @param reason told with its end, for people
     */
    Promise<Session> release(String pool, String id, String reason);
}
