package dev.viber.api.browser;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is asked for.
 *
 * @param id of the session to be, chosen by who asks: {@link #ID_PATTERN}; for a task, its id; of a viber's session at its
 *     gateway, {@code VIBER/ID}
 * @param limit how long the session may last; it is ended then, and says so
 * @param patience how long to wait for one where all are taken
 * @param pool the pool it is to come from, where there are several; null for whichever serves
 * @param egress networks and services it may reach beside the internet, as in {@code VmSpec}; null for the default policy
 */
public record BrowserRequest(
        String id,
        Duration limit,
        Duration patience,
        @Nullable String pool,
        @Nullable List<String> egress) {
    /** What is well-formed as a session's id. */
    public static final String ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    /** What is well-formed as any session's id, vibers' ones included. */
    public static final String ANY_ID_PATTERN = "(" + ID_PATTERN + "/)?" + ID_PATTERN;

    /** A copy of what may change under it; refuses an id that is not well-formed, and times that are none. */
    public BrowserRequest {
        if (!id.matches(ANY_ID_PATTERN)) {
            throw new IllegalArgumentException("'%s' is no id of a session: wanted %s".formatted(id, ANY_ID_PATTERN));
        }
        if (limit.isNegative() || limit.isZero() || patience.isNegative()) {
            throw new IllegalArgumentException(
                    "limit is %s, patience %s: wanted a positive time and one that is not negative"
                            .formatted(limit, patience));
        }
        egress = egress == null ? null : List.copyOf(egress);
    }

    /** A session of at most an hour, waited for five minutes. */
    public static BrowserRequest of(String id) {
        return new BrowserRequest(id, Duration.ofHours(1), Duration.ofMinutes(5), null, null);
    }
}
