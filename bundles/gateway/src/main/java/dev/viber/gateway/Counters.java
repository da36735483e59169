package dev.viber.gateway;

import dev.viber.api.metric.Counted;
import dev.viber.api.metric.Metric;
import dev.viber.api.metric.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;

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
    /** Vibers that said connected, by whether they were here before. */
    final Counted connects = new Counted("viber_gateway_connects_total", "Vibers that connected, by kind.", "kind")
            .from("first")
            .from("again");
    /** Sockets of vibers that closed. */
    final LongAdder disconnects = new LongAdder();
    /** Plugins that settled in a state. */
    final Counted plugins = new Counted(
                    "viber_plugin_rollouts_total",
                    "Plugins whose roll-out or removal came to an end, by the end.",
                    "end")
            .from("installed")
            .from("rolled_back")
            .from("refused")
            .from("failed")
            .from("removed");
    /** Tasks that moved. */
    final Moves moves = new Moves();

    private final IntSupplier sessions;

    /** {@code sessions} tells how many vibers are here now. */
    Counters(IntSupplier sessions) {
        this.sessions = sessions;
    }

    @Override
    public List<Metric> metrics() {
        List<Metric> all = new ArrayList<>(moves.metrics());
        all.addAll(List.of(
                Metric.gauge("viber_gateway_sessions", "Vibers connected now.", sessions.getAsInt()),
                connects.metric(),
                Metric.counter(
                        "viber_gateway_disconnects_total", "Connections of vibers that ended.", disconnects.sum()),
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
                        "viber_gateway_malformed_frames_total", "Frames that could not be read.", malformed.sum()),
                plugins.metric()));
        return all;
    }
}
