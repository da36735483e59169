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

    /** A session's browser is being used, until this is closed. */
    @FunctionalInterface
    interface Use extends AutoCloseable {
        /** Of browsers that are there all the time. */
        Use NONE = () -> {};

        @Override
        void close();
    }

    /**
     * Has a session's browser answer, and not stand by before what this gives is closed: to be had around each use, since
     * nobody else sees it. Does nothing where browsers are there all the time.
     *
     * @throws dev.viber.api.problem.ProblemException where it stood by and does not wake, with the reason; gone where there is
     *     no such session any more, and its address may be that of another's browser
     */
    default Use use(String id) throws InterruptedException {
        return Use.NONE;
    }

    /** The sessions there are, oldest first. */
    List<BrowserSession> list();

    /**
     * Ends a session: its browser is gone, or made new, when this resolves. Does nothing where there is none; whoever waits
     * for it waits no more.
     */
    Promise<Void> release(String id);
}
