package dev.viber.rest;

import dev.viber.api.http.HttpContribution;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

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
    private final Figures figures;

    /** Serves the figures of these desks. */
    @Activate
    public MetricsHandler(@Reference Desks desks) {
        figures = new Figures(desks);
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
        figures.store()
                .forEach((name, value) -> single(out, "viber_store_" + word(name), "A fact of the store.", value));
        Runtime runtime = Runtime.getRuntime();
        single(out, "viber_memory_used_bytes", "Heap in use.", runtime.totalMemory() - runtime.freeMemory());
        single(out, "viber_memory_limit_bytes", "The heap's limit.", runtime.maxMemory());
        single(
                out,
                "viber_uptime_seconds",
                "Age of the process.",
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
        return out.toString();
    }

    private static void labelled(StringBuilder out, String name, String help, String label, Map<String, Long> values) {
        head(out, name, help);
        values.forEach((value, count) -> out.append("%s{%s=\"%s\"} %d\n".formatted(name, label, value, count)));
    }

    private static void single(StringBuilder out, String name, String help, long value) {
        head(out, name, help);
        out.append("%s %d\n".formatted(name, value));
    }

    private static void head(StringBuilder out, String name, String help) {
        out.append("# HELP %s %s\n# TYPE %s gauge\n".formatted(name, help, name));
    }

    /** {@code walBytes} as {@code wal_bytes}. */
    private static String word(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("[^A-Za-z0-9_]", "_")
                .toLowerCase(Locale.ROOT);
    }
}
