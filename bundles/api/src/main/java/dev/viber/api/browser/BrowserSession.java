package dev.viber.api.browser;

import java.net.URI;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A browser that is somebody's for a while.
 *
 * @param id chosen by who asked
 * @param kind of the {@link Browsers} that gave it
 * @param host what it runs in, for people: a VM's name, a process
 * @param agent the base of its agent's REST, without a slash at the end
 * @param devtools the base of its DevTools, without a slash at the end
 * @param token wanted as {@code Authorization: Bearer TOKEN} by both; null where nothing is wanted; never to be shown
 * @param until when it is ended, whatever it does
 * @param trust what the certificates of both are held to; null for what Java trusts
 */
public record BrowserSession(
        String id,
        String kind,
        String host,
        URI agent,
        URI devtools,
        @Nullable String token,
        Instant since,
        Instant until,
        @Nullable SSLContext trust) {
    /** One whose agent and DevTools speak plain HTTP, or show certificates that Java trusts. */
    public BrowserSession(
            String id,
            String kind,
            String host,
            URI agent,
            URI devtools,
            @Nullable String token,
            Instant since,
            Instant until) {
        this(id, kind, host, agent, devtools, token, since, until, null);
    }

    @Override
    public String toString() {
        return "BrowserSession[%s, %s, %s, %s, until %s]".formatted(id, kind, host, agent, until);
    }
}
