package dev.viber.api.auth;

import dev.viber.api.problem.ProblemException;
import org.osgi.annotation.versioning.ProviderType;

/** Counts wrong guesses of secrets by who makes them and at what, and stops those who make too many; bounded in memory. */
@ProviderType
public interface Guesses {
    /** The extension of a problem that says after how many seconds, at least 1, to try again. */
    String RETRY_AFTER = "retryAfter";

    /**
     * Lets a guess be made.
     *
     * @param keys who and what it is about, such as {@code address:192.0.2.1} and {@code code:<hash>}
     * @throws ProblemException {@code TOO_MANY} with {@link #RETRY_AFTER} where any of them has used up its guesses
     */
    void check(String... keys);

    /** The guess was wrong: one less for each of these. */
    void wrong(String... keys);

    /** Who calls, as a key: an IPv4 address, or the /64 of an IPv6 one, since that is what one caller can have. */
    String caller(String address);
}
