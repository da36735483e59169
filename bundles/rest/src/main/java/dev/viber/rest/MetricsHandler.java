package dev.viber.rest;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.metric.Metric;
import dev.viber.api.metric.Metrics;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Serves {@code /metrics} in the Prometheus text format. */
@Component(
        service = Handler.class,
        property = {
            HttpContribution.PATH + "=/metrics",
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer"
        })
public final class MetricsHandler extends Handler.Abstract {
    /** What a store's facts are, by the names it gives them; the value stands for nothing. */
    private static final Map<String, Metric> STORE = Map.of(
            "schema", Metric.gauge("viber_store_schema", "Version of the database's schema.", 0),
            "commits", Metric.counter("viber_store_commits_total", "Commits of the store, each of them one fsync.", 0),
            "changes",
                    Metric.counter(
                            "viber_store_changes_total",
                            "Changes made durable; those that waited together share a commit.",
                            0),
            "events", Metric.counter("viber_store_events_total", "Events appended to the journal.", 0),
            "queued", Metric.gauge("viber_store_queued_changes", "Changes that wait for the store's writer.", 0),
            "bytes", Metric.gauge("viber_store_bytes", "Size of the database file.", 0),
            "wal.bytes", Metric.gauge("viber_store_wal_bytes", "Size of the database's write-ahead log.", 0));

    private final Figures figures;
    private final List<Metrics> parts = new CopyOnWriteArrayList<>();

    /** Serves the figures of these desks. */
    @Activate
    public MetricsHandler(@Reference Desks desks) {
        figures = new Figures(desks);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addPart(Metrics part) {
        parts.add(part);
    }

    void removePart(Metrics part) {
        parts.remove(part);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Thread.ofVirtual().name("metrics").start(() -> serve(response, callback));
        return true;
    }

    private void serve(Response response, Callback callback) {
        try {
            byte[] text = text().getBytes(StandardCharsets.UTF_8);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, text.length);
            response.write(true, ByteBuffer.wrap(text), callback);
        } catch (RuntimeException e) {
            Problems.answer(e, response, callback);
        }
    }

    private String text() {
        StringBuilder out = new StringBuilder();
        labelled(out, "viber_tasks", "Tasks by phase.", "phase", figures.tasks());
        labelled(out, "viber_vibers", "Vibers: all, online, busy.", "state", figures.vibers());
        figures.store().forEach((name, value) -> single(out, ofStore(name, value)));
        parts.forEach(part -> part.metrics().forEach(metric -> single(out, metric)));
        Runtime runtime = Runtime.getRuntime();
        single(
                out,
                Metric.gauge("viber_memory_used_bytes", "Heap in use.", runtime.totalMemory() - runtime.freeMemory()));
        single(out, Metric.gauge("viber_memory_limit_bytes", "The heap's limit.", runtime.maxMemory()));
        long uptime = ManagementFactory.getRuntimeMXBean().getUptime() / 1000;
        single(out, Metric.gauge("viber_uptime_seconds", "Age of the process.", uptime));
        return out.toString();
    }

    private static void labelled(StringBuilder out, String name, String help, String label, Map<String, Long> values) {
        head(out, name, Metric.Kind.GAUGE, help);
        values.forEach((value, count) -> out.append("%s{%s=\"%s\"} %d\n".formatted(name, label, value, count)));
    }

    private static Metric ofStore(String name, long value) {
        Metric known = STORE.get(name);
        if (known != null) {
            return new Metric(known.name(), known.kind(), known.help(), value);
        }
        String full = "viber_store_" + word(name);
        Metric.Kind kind = full.endsWith("_total") ? Metric.Kind.COUNTER : Metric.Kind.GAUGE;
        return new Metric(full, kind, "The store's fact '%s'.".formatted(name), value);
    }

    private static void single(StringBuilder out, Metric metric) {
        head(out, metric.name(), metric.kind(), metric.help());
        out.append("%s %d\n".formatted(metric.name(), metric.value()));
    }

    private static void head(StringBuilder out, String name, Metric.Kind kind, String help) {
        String type = kind.name().toLowerCase(Locale.ROOT);
        out.append("# HELP %s %s\n# TYPE %s %s\n".formatted(name, help, name, type));
    }

    /** {@code walBytes} as {@code wal_bytes}. */
    private static String word(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("[^A-Za-z0-9_]", "_")
                .toLowerCase(Locale.ROOT);
    }
}
