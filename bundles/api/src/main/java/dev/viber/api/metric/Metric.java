package dev.viber.api.metric;

/**
 * One figure, as it is at the moment.
 *
 * <pre>{@code
 * Metric.counter("viber_gateway_frames_total", "Frames of vibers made durable.", frames.sum());
 * }</pre>
 *
 * @param name in the way of Prometheus: {@code viber_<part>_<what>[_<unit>]}, with {@code _total} behind a counter
 * @param kind whether it only grows
 * @param help one sentence
 */
public record Metric(String name, Kind kind, String help, long value) {
    /** Whether a figure only grows. */
    public enum Kind {
        /** Grows from 0 at the start of the process. */
        COUNTER,
        /** Goes up and down. */
        GAUGE
    }

    /** Refuses names that are none. */
    public Metric {
        if (!name.matches("[a-z][a-z0-9_]*") || name.endsWith("_total") != (kind == Kind.COUNTER)) {
            throw new IllegalArgumentException(
                    "'%s': wanted lower-case words joined by _, and _total behind a counter alone".formatted(name));
        }
    }

    /** A figure that only grows. */
    public static Metric counter(String name, String help, long value) {
        return new Metric(name, Kind.COUNTER, help, value);
    }

    /** A figure that goes up and down. */
    public static Metric gauge(String name, String help, long value) {
        return new Metric(name, Kind.GAUGE, help, value);
    }
}
