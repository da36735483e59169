package dev.viber.api.guest;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The agent's log, which is followed over HTTP at {@code /v1/logs/stream}; safe for use by several threads.
 *
 * <pre>{@code
 * log.write("agent", "navigate https://example.org: done in 312 ms");
 * }</pre>
 */
@ProviderType
public interface AgentLog {
    /**
     * Keeps one line.
     *
     * @param stream whose line it is: {@code agent}, {@code browser} (Chrome's own output) or {@code console} (a page's)
     * @param line without its end; longer ones than 8,000 characters are cut
     */
    void write(String stream, String line);
}
