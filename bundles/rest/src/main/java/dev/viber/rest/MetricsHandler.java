package dev.viber.rest;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.metric.Metric;
import dev.viber.api.metric.Metrics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

/** Serves {@code /metrics} in the Prometheus text format or, where asked for, in that of OpenMetrics. */
@Component(
        service = Handler.class,
        property = {
            HttpContribution.PATH + "=/metrics",
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer"
        })
public final class MetricsHandler extends Handler.Abstract {
    private final Desks desks;
    private final Figures figures;
    private final List<Metrics> parts = new CopyOnWriteArrayList<>();

    /** Serves the figures of these desks. */
    @Activate
    public MetricsHandler(@Reference Desks desks) {
        this.desks = desks;
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
        Thread.ofVirtual().name("metrics").start(() -> serve(request, response, callback));
        return true;
    }

    private void serve(Request request, Response response, Callback callback) {
        try {
            boolean open = request.getHeaders().getCSV(HttpHeader.ACCEPT, false).stream()
                    .anyMatch(accepted -> accepted.startsWith("application/openmetrics-text"));
            byte[] text = text(open).getBytes(StandardCharsets.UTF_8);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, open ? Exposition.OPEN_METRICS : Exposition.PROMETHEUS);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, text.length);
            response.write(true, ByteBuffer.wrap(text), callback);
        } catch (RuntimeException e) {
            Problems.answer(e, response, callback);
        }
    }

    private String text(boolean open) {
        Exposition out = new Exposition(open);
        out.add(Metric.gauge("viber_tasks", "Tasks by phase.", "phase", figures.taskPhases()));
        out.add(Metric.gauge(
                "viber_task_queue_oldest_seconds",
                "How long the queued task has waited that waits longest; 0 where none is queued.",
                figures.oldestQueuedSeconds()));
        out.add(Metric.gauge("viber_vibers", "Vibers by state.", "state", figures.viberStates()));
        out.add(Metric.gauge(
                "viber_event_readers", "Readers that follow events now, by SSE or WebSocket.", desks.readers()));
        out.add(Metric.counter(
                "viber_event_readers_lagged_total",
                "How often a reader was so slow that events were forgotten before it read them.",
                desks.lagged()));
        parts.forEach(part -> part.metrics().forEach(out::add));
        ProcessFigures.metrics().forEach(out::add);
        return out.text();
    }
}
