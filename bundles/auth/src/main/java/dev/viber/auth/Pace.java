package dev.viber.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** How often each device code may be polled: RFC 8628, 3.5; forgotten at a restart, which harms nobody. */
final class Pace {
    private static final Duration SLOWER = Duration.ofSeconds(5);
    // Clocks and networks are not exact: a poll a little early is no offence.
    private static final Duration LENIENCE = Duration.ofMillis(500);

    private record Last(Instant at, Duration interval) {}

    private final Duration interval;
    private final Map<String, Last> polls;

    /** The interval to begin with; the last {@code most} codes are kept. */
    Pace(Duration interval, int most) {
        this.interval = interval;
        this.polls = new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Last> eldest) {
                return size() > most;
            }
        };
    }

    Duration interval() {
        return interval;
    }

    /** Whether this poll came too early; then the interval of this code is 5 s longer from now on. */
    synchronized boolean isTooFast(String code, Instant now) {
        Last last = polls.get(code);
        if (last == null) {
            polls.put(code, new Last(now, interval));
            return false;
        }
        boolean tooFast = now.isBefore(last.at.plus(last.interval).minus(LENIENCE));
        polls.put(code, new Last(now, tooFast ? last.interval.plus(SLOWER) : last.interval));
        return tooFast;
    }
}
