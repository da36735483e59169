package dev.viber.link;

import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long to wait before the next try: doubling, with full jitter, so that a fleet does not return in one wave. */
public final class BackOff {
    private static final Logger LOG = LoggerFactory.getLogger(BackOff.class);
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofHours(1);

    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;
    private int tries;

    /** Pauses from nothing up to a bound that begins at {@code first} and doubles up to {@code longest}. */
    public BackOff(Duration first, Duration longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /** The next pause: anything from nothing to the present bound, which doubles. */
    public Duration next() {
        long bound = longest.toMillis();
        // Beyond 30 doublings any first pause has long met the longest one; the shift stays within a long.
        if (tries < 30) {
            bound = Math.min(bound, first.toMillis() << tries);
            tries++;
        }
        return Duration.ofMillis(random.nextLong(bound + 1));
    }

    /** Begins anew: the last connection was a healthy one. */
    public void reset() {
        tries = 0;
    }

    /** A {@code Retry-After} header, in seconds or as a date, as a duration of at most an hour; none where unreadable. */
    public static Duration retryAfter(String header, Instant now) {
        Duration wanted;
        try {
            wanted = header.strip().matches("[0-9]{1,9}")
                    ? Duration.ofSeconds(Long.parseLong(header.strip()))
                    : Duration.between(
                            now,
                            ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
        } catch (DateTimeParseException e) {
            LOG.debug("Retry-After '{}' is neither seconds nor a date", header);
            wanted = Duration.ZERO;
        }
        if (wanted.isNegative()) {
            return Duration.ZERO;
        }
        return wanted.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wanted;
    }
}
