package dev.viber.api.browser;

import dev.viber.api.browser.PoolDesk.Session;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/**
 * Where vibers have browsers of pools: each its own, under ids that no other viber can name.
 *
 * <pre>{@code
 * Session session = desk.acquire("box-1", BrowserRequest.of("task-17")).getValue();
 * desk.admit("box-1", session.vm()); // and nobody else
 * }</pre>
 *
 * <p>A viber's sessions end when it has no valid token any more. Everywhere here ids are as the viber chose them.
 */
@ProviderType
public interface BrowserDesk {
    /** The member of a problem that is true where a session ended since its time was over. */
    String LATE = "late";

    /** Whether any pool serves, and why not. */
    Browsers.Probe probe();

    /**
     * Takes a browser from the pool named, else from one that allows the egress asked for; asked again with the same id it
     * gives the same one, and whoever waits keeps the place.
     *
     * <p>Fails with a {@code ProblemException}: forbidden where egress is asked for that the pool does not have, not found
     * where there is no pool, unavailable where none came free in time.
     */
    Promise<Session> acquire(String viberId, BrowserRequest request);

    /** The sessions of a viber, oldest first. */
    List<Session> list(String viberId);

    /**
     * Gives a browser back: its VM is gone when this resolves. A problem, not found, where the viber has no such session;
     * whoever waits for it is told that it is gone, and waits no more.
     */
    Promise<Session> release(String viberId, String id);

    /**
     * Lets a viber pass to a VM that is of a session of its own.
     *
     * @throws dev.viber.api.problem.ProblemException forbidden where it is not; gone, with the reason, where it was, with
     *     {@link #LATE} where its time was over
     */
    void admit(String viberId, String vm);
}
