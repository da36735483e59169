package dev.viber.api.metric;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One figure, or one for each value of a label, as it is at the moment.
 *
 * <pre>{@code
 * Metric.counter("viber_gateway_frames_total", "Frames of vibers made durable.", frames.sum());
 * Metric.gauge("viber_tasks", "Tasks by phase.", "phase", Map.of("queued", 3L));
 * }</pre>
 *
 * @param name in the way of Prometheus: {@code viber_<part>_<what>[_<unit>]}, in base units, with {@code _total} behind a
 *     counter
 * @param kind how it moves
 * @param help one sentence, in one line
 * @param samples its values; none where there is nothing to tell now
 */
public record Metric(String name, Kind kind, String help, List<Sample> samples) {
    /** How a figure moves. */
    public enum Kind {
        /** Grows from 0 at the start of the process. */
        COUNTER,
        /** Goes up and down. */
        GAUGE,
        /** Counts of what was observed, by size. */
        HISTOGRAM
    }

    /**
     * One value.
     *
     * @param suffix behind the name: {@code _bucket}, {@code _sum} and {@code _count} of a histogram; else empty
     * @param labels by name; few values each, since every one of them is kept by whoever collects
     */
    public record Sample(String suffix, Map<String, String> labels, double value) {
        /** Keeps the labels in their order. */
        public Sample {
            labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        }
    }

    /** Refuses names that are none. */
    public Metric {
        if (!name.matches("[a-z][a-z0-9_]*") || name.endsWith("_total") != (kind == Kind.COUNTER)) {
            throw new IllegalArgumentException(
                    "'%s': wanted lower-case words joined by _, and _total behind a counter alone".formatted(name));
        }
        samples = List.copyOf(samples);
    }

    /** A figure that only grows. */
    public static Metric counter(String name, String help, long value) {
        return counter(name, help, (double) value);
    }

    /** A figure that only grows. */
    public static Metric counter(String name, String help, double value) {
        return new Metric(name, Kind.COUNTER, help, List.of(new Sample("", Map.of(), value)));
    }

    /** A figure that goes up and down. */
    public static Metric gauge(String name, String help, long value) {
        return gauge(name, help, (double) value);
    }

    /** A figure that goes up and down. */
    public static Metric gauge(String name, String help, double value) {
        return new Metric(name, Kind.GAUGE, help, List.of(new Sample("", Map.of(), value)));
    }

    /** Figures that go up and down, one for each value of the label. */
    public static Metric gauge(String name, String help, String label, Map<String, ? extends Number> values) {
        List<Sample> samples = new ArrayList<>();
        values.forEach((value, number) -> samples.add(new Sample("", Map.of(label, value), number.doubleValue())));
        return new Metric(name, Kind.GAUGE, help, samples);
    }

    /** The same with one more label on every value, before the others. */
    public Metric with(String label, String value) {
        List<Sample> labelled = new ArrayList<>();
        for (Sample sample : samples) {
            Map<String, String> labels = new LinkedHashMap<>();
            labels.put(label, value);
            labels.putAll(sample.labels());
            labelled.add(new Sample(sample.suffix(), labels, sample.value()));
        }
        return new Metric(name, kind, help, labelled);
    }
}
