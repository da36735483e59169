package dev.viber.http;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.metric.Counted;
import dev.viber.api.metric.Histogram;
import dev.viber.api.metric.Metric;
import dev.viber.api.metric.Metrics;
import java.util.List;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;
import org.jspecify.annotations.Nullable;

/** Requests counted by what they asked for and how they were answered, and those turned away at the door. */
final class HttpFigures implements Metrics {
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT");

    private final Counted requests = new Counted(
            "viber_http_requests_total",
            "Requests answered; a stream counts when it ends.",
            "method",
            "route",
            "status");
    private final Counted refused = new Counted(
                    "viber_http_auth_failures_total", "Requests turned away before they were served, by why.", "reason")
            .from("missing")
            .from("invalid")
            .from("role")
            .from("limited")
            .from("host")
            .from("origin");
    private final Histogram seconds = new Histogram(
            "viber_http_request_duration_seconds",
            "From a request's first byte to its answer, without streams and sockets.",
            0.001,
            0.005,
            0.025,
            0.1,
            0.5,
            2,
            10,
            60);

    /** Counts this request when it is answered. */
    void watch(Request request, Response response, @Nullable Route route) {
        String method = METHODS.contains(request.getMethod()) ? request.getMethod() : "other";
        Request.addCompletionListener(request, _ -> {
            // Paths are as many as there are tasks; only what was declared is told apart.
            Object template = request.getAttribute(HttpContribution.TEMPLATE);
            String shown = template != null ? template.toString() : route == null ? "none" : route.path();
            int status = response.getStatus();
            requests.add(method, shown, Integer.toString(status));
            String type = response.getHeaders().get(HttpHeader.CONTENT_TYPE);
            if (status != 101 && (type == null || !type.startsWith("text/event-stream"))) {
                seconds.observe(NanoTime.since(request.getBeginNanoTime()) / 1e9);
            }
        });
    }

    /** A request is turned away. */
    void refused(String reason) {
        refused.add(reason);
    }

    @Override
    public List<Metric> metrics() {
        return List.of(requests.metric(), refused.metric(), seconds.metric());
    }
}
