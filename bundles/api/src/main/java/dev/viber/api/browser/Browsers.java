package dev.viber.api.browser;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.util.promise.Promise;

/**
 * Where browsers are to be had: of a microVM, of a process on this machine, or of a server elsewhere.
 *
 * <p>Each browser is one agent (its REST is that of {@code docs/api/guest.md}) and one Chrome, which nobody else has while the
 * session lasts. The service property {@link #KIND} tells those who give them apart; the service ranking says which is asked
 * first.
 *
 * <pre>{@code
 * BrowserSession session = browsers.acquire(BrowserRequest.of("task-17")).getValue();
 * // POST session.agent() + "/v1/browser/navigate", Authorization: Bearer session.token()
 * browsers.release("task-17");
 * }</pre>
 */
@ConsumerType
public interface Browsers {
    /** The service property with its kind: {@code vm}, {@code local}, {@code server}. */
    String KIND = "browsers";

    /**
     * Whether browsers can be had here.
     *
     * @param able whether asking has a chance
     * @param reason why, or why not and what would help; for people
     */
    record Probe(boolean able, String reason) {}

    /** Finds out whether browsers can be had here; may take a while the first time. */
    Probe probe() throws InterruptedException;

    /**
     * Gives a browser that is ready; waits in a queue where all are taken. Asked again with the id of a session that is
     * there, it gives that one, also after either side was killed in between.
     *
     * <p>Fails with a {@code ProblemException} where there is none to be had, or none came in the time of the request.
     */
    Promise<BrowserSession> acquire(BrowserRequest request);

    /** The sessions there are, oldest first. */
    List<BrowserSession> list();

    /** Ends a session: its browser is gone, or made new, when this resolves. Does nothing where there is none. */
    Promise<Void> release(String id);
}
