package dev.viber.api.metric;

import dev.viber.api.metric.Metric.Kind;
import dev.viber.api.metric.Metric.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what is observed by its size, in buckets.
 *
 * <pre>{@code
 * Histogram waits = new Histogram("viber_task_queue_seconds", "How long tasks waited.", 0.01, 0.1, 1, 10);
 * waits.observe(0.25);
 * }</pre>
 */
public final class Histogram {
    private final String name;
    private final String help;
    private final double[] bounds;
    private final LongAdder[] buckets;
    private final DoubleAdder sum = new DoubleAdder();

    /**
     * An empty one.
     *
     * @param bounds upper bounds of the buckets, rising; one without a bound comes behind them
     */
    public Histogram(String name, String help, double... bounds) {
        this.name = name;
        this.help = help;
        this.bounds = bounds.clone();
        buckets = new LongAdder[bounds.length + 1];
        for (int i = 0; i < buckets.length; i++) {
            buckets[i] = new LongAdder();
        }
    }

    /** Counts one of this size; allocates nothing. */
    public void observe(double value) {
        int bucket = 0;
        while (bucket < bounds.length && value > bounds[bucket]) {
            bucket++;
        }
        buckets[bucket].increment();
        sum.add(value);
    }

    /** As it is now. */
    public Metric metric() {
        List<Sample> samples = new ArrayList<>();
        long count = 0;
        for (int i = 0; i < buckets.length; i++) {
            count += buckets[i].sum();
            String bound = i < bounds.length ? Double.toString(bounds[i]) : "+Inf";
            samples.add(new Sample("_bucket", Map.of("le", bound), (double) count));
        }
        samples.add(new Sample("_sum", Map.of(), sum.sum()));
        samples.add(new Sample("_count", Map.of(), (double) count));
        return new Metric(name, Kind.HISTOGRAM, help, samples);
    }
}
