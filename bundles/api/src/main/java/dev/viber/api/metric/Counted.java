package dev.viber.api.metric;

import dev.viber.api.metric.Metric.Kind;
import dev.viber.api.metric.Metric.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts by the values of labels.
 *
 * <pre>{@code
 * Counted requests = new Counted("viber_http_requests_total", "Requests answered.", "method", "status");
 * requests.add("GET", "200");
 * }</pre>
 */
public final class Counted {
    /** How many combinations of values are told apart; what comes beyond is counted under {@code other}. */
    private static final int MOST = 1_000;

    private static final String SEPARATOR = "\u0000";

    private final String name;
    private final String help;
    private final List<String> labels;
    private final Map<String, LongAdder> counts = new ConcurrentSkipListMap<>();

    /** Counts under this name; what has not been counted yet is not shown. */
    public Counted(String name, String help, String... labels) {
        this.name = name;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** Shows this combination from the start, as 0, so that the first one counted is seen as a change. */
    public Counted from(String... values) {
        counts.computeIfAbsent(key(values), _ -> new LongAdder());
        return this;
    }

    /** Counts one. */
    public void add(String... values) {
        String key = key(values);
        LongAdder count = counts.get(key);
        if (count == null) {
            String kept = counts.size() < MOST
                    ? key
                    : key(labels.stream().map(_ -> "other").toArray(String[]::new));
            count = counts.computeIfAbsent(kept, _ -> new LongAdder());
        }
        count.increment();
    }

    private String key(String... values) {
        if (values.length != labels.size()) {
            throw new IllegalArgumentException(
                    "%s: wanted a value for each of %s, there are %d".formatted(name, labels, values.length));
        }
        return String.join(SEPARATOR, values);
    }

    /** As it is now. */
    public Metric metric() {
        List<Sample> samples = new ArrayList<>();
        counts.forEach((key, count) -> {
            String[] values = key.split(SEPARATOR, -1);
            Map<String, String> named = new LinkedHashMap<>();
            for (int i = 0; i < values.length; i++) {
                named.put(labels.get(i), values[i]);
            }
            samples.add(new Sample("", named, (double) count.sum()));
        });
        return new Metric(name, Kind.COUNTER, help, samples);
    }
}
