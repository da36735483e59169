package dev.viber.rest;

import dev.viber.api.metric.Metric;
import dev.viber.api.metric.Metric.Kind;
import dev.viber.api.metric.Metric.Sample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Figures as text: the format of Prometheus 0.0.4, or that of OpenMetrics 1.0.0. Own code, since a library for it would
 * bring a registry with it, and the figures here are kept where things happen; promtool accepts what comes out.
 */
final class Exposition {
    /** What the text is, where OpenMetrics is not asked for. */
    static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    /** What the text is, where it is. */
    static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private final boolean open;
    private final Map<String, Metric> families = new LinkedHashMap<>();

    /** {@code open} for OpenMetrics. */
    Exposition(boolean open) {
        this.open = open;
    }

    /** Adds a figure; several of one name, such as those of two stores, are one family. */
    void add(Metric metric) {
        families.merge(metric.name(), metric, (had, more) -> {
            List<Sample> all = new ArrayList<>(had.samples());
            all.addAll(more.samples());
            return new Metric(had.name(), had.kind(), had.help(), all);
        });
    }

    /** The whole. */
    String text() {
        StringBuilder out = new StringBuilder(16 * 1024);
        families.values().forEach(metric -> write(out, metric));
        return (open ? out.append("# EOF\n") : out).toString();
    }

    private void write(StringBuilder out, Metric metric) {
        String total = "_total";
        String family = open && metric.kind() == Kind.COUNTER
                ? metric.name().substring(0, metric.name().length() - total.length())
                : metric.name();
        String kind = metric.kind().name().toLowerCase(Locale.ROOT);
        out.append("# HELP ")
                .append(family)
                .append(' ')
                .append(help(metric.help()))
                .append('\n');
        out.append("# TYPE ").append(family).append(' ').append(kind).append('\n');
        for (Sample sample : metric.samples()) {
            out.append(metric.name()).append(sample.suffix());
            if (!sample.labels().isEmpty()) {
                char before = '{';
                for (Map.Entry<String, String> label : sample.labels().entrySet()) {
                    out.append(before).append(label.getKey()).append("=\"");
                    out.append(help(label.getValue()).replace("\"", "\\\"")).append('"');
                    before = ',';
                }
                out.append('}');
            }
            out.append(' ').append(number(sample.value())).append('\n');
        }
    }

    private static String help(String text) {
        return text.replace("\\", "\\\\").replace("\n", "\\n");
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
