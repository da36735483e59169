package dev.viber.guest.chrome;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.viber.api.guest.AgentRoutes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code GET /v1/logs/stream}: the log as server-sent events, its history first. A reader that comes back with {@code
 * Last-Event-ID} gets what it missed; what is not kept any more is told of by an event {@code lagged}. With
 * {@code ?follow=false} it ends behind what is there.
 */
@Component(service = HttpHandler.class, property = AgentRoutes.PATH + "=/v1/logs/stream")
public final class LogStream implements HttpHandler {
    private static final long HEARTBEAT_MS = 15_000;

    private final LogRing ring;

    /** Of this log. */
    @Activate
    public LogStream(@Reference LogRing ring) {
        this.ring = ring;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getRawQuery();
        if (query != null && !query.matches("follow=(true|false)")) {
            refuse(exchange, query);
            return;
        }
        boolean follow = !"follow=false".equals(query);
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            // At once, so that a reader of a quiet log sees that it is connected.
            write(out, ": the agent's log\n\n");
            long at = place(exchange);
            boolean closed = false;
            while (!closed) {
                LogRing.Part part = ring.after(at, follow ? HEARTBEAT_MS : 0);
                StringBuilder text = new StringBuilder();
                if (part.lost() > 0) {
                    text.append("event: lagged\ndata: {\"lost\":")
                            .append(part.lost())
                            .append("}\n\n");
                }
                for (LogRing.Entry each : part.entries()) {
                    at = each.id();
                    text.append("id: ")
                            .append(at)
                            .append("\ndata: ")
                            .append(json(each))
                            .append("\n\n");
                }
                write(out, text.isEmpty() ? ": still here\n\n" : text.toString());
                closed = part.closed() || !follow;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void refuse(HttpExchange exchange, String query) throws IOException {
        byte[] error = Json.object(
                        Map.of("error", "query is '%s'; wanted follow=true or follow=false".formatted(query)))
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(400, error.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(error);
        }
    }

    private static long place(HttpExchange exchange) {
        String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        try {
            return last == null ? 0 : Long.parseLong(last.strip());
        } catch (NumberFormatException e) {
            return 0; // not one of ours: from the beginning
        }
    }

    private static String json(LogRing.Entry entry) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("stream", entry.stream());
        out.put("line", entry.line());
        out.put("timestamp", entry.at().toString());
        return Json.object(out);
    }

    private static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
