package dev.viber.api.guest;

import java.nio.file.Path;
import java.time.Duration;
import org.osgi.annotation.versioning.ProviderType;

/** The one Chrome of the agent: started, watched and, when it dies, started again; safe for use by several threads. */
@ProviderType
public interface Chrome {
    /**
     * A Chrome that answers.
     *
     * @param start counts its starts, from 1
     * @param pid of its main process
     * @param port of its DevTools, on the loopback
     * @param webSocketPath such as {@code /devtools/browser/4f2c...}
     * @param product such as {@code Chrome/156.0.8078.79}
     * @param userAgent as pages see it
     * @param sandboxed whether pages are in Chrome's own sandbox
     */
    record Running(
            int start, long pid, int port, String webSocketPath, String product, String userAgent, boolean sandboxed) {}

    /**
     * The Chrome that answers, waiting while one is being started.
     *
     * @throws ChromeGoneException where none came in that time
     */
    Running running(Duration patience);

    /** A folder that both the agent and Chrome's user can reach, for files on their way from one to the other. */
    Path exchange();
}
