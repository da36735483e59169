package dev.viber.gateway;

import dev.viber.api.metric.Metric;
import dev.viber.api.metric.Metrics;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What is counted since the start. */
final class Counters implements Metrics {
    /** Frames made durable. */
    final LongAdder frames = new LongAdder();
    /** Frames about tasks their viber does not have. */
    final LongAdder stray = new LongAdder();
    /** Frames of unknown type. */
    final LongAdder unknown = new LongAdder();
    /** Frames that could not be read. */
    final LongAdder malformed = new LongAdder();

    @Override
    public List<Metric> metrics() {
        return List.of(
                Metric.counter("viber_gateway_frames_total", "Frames of vibers made durable.", frames.sum()),
                Metric.counter(
                        "viber_gateway_stray_frames_total",
                        "Frames about tasks that their viber does not have; they change nothing.",
                        stray.sum()),
                Metric.counter(
                        "viber_gateway_unknown_frames_total",
                        "Frames of a type that is not known here; they are ignored.",
                        unknown.sum()),
                Metric.counter(
                        "viber_gateway_malformed_frames_total", "Frames that could not be read.", malformed.sum()));
    }
}
