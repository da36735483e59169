package dev.viber.guest.chrome;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.viber.api.guest.AgentRoutes;
import dev.viber.api.guest.Chrome.Running;
import dev.viber.api.guest.ChromeGoneException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** How the agent is ({@code /healthz}) and where its Chrome's DevTools are ({@code /v1/devtools}). */
@Component(
        service = HttpHandler.class,
        property = {AgentRoutes.PATH + "=/healthz", AgentRoutes.PATH + "=/v1/devtools"})
public final class Facts implements HttpHandler {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final WatchedChrome chrome;
    private final Forwarder forwarder;
    private final long begun = System.nanoTime();

    /** Of these two. */
    @Activate
    public Facts(@Reference WatchedChrome chrome, @Reference Forwarder forwarder) {
        this.chrome = chrome;
        this.forwarder = forwarder;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")) {
            answer(exchange, 405, Map.of("error", "wanted GET", "code", "method"));
        } else if (exchange.getRequestURI().getPath().equals("/healthz")) {
            answer(exchange, 200, health());
        } else {
            devTools(exchange);
        }
    }

    private Map<String, Object> health() {
        Running now = chrome.now();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("status", now == null ? "degraded" : "ok");
        out.put("uptime", uptime(Duration.ofNanos(System.nanoTime() - begun)));
        out.put("version", "v2.0");
        Map<String, Object> browser = new LinkedHashMap<>();
        browser.put("up", now != null);
        if (now == null) {
            browser.put("trouble", chrome.trouble());
        } else {
            browser.put("product", now.product());
            browser.put("pid", now.pid());
            browser.put("start", now.start());
            browser.put("sandbox", now.sandboxed());
        }
        out.put("chrome", browser);
        return out;
    }

    private void devTools(HttpExchange exchange) throws IOException {
        try {
            Running now = chrome.running(PATIENCE);
            // The address that the caller reached the agent by leads to DevTools as well.
            String address = exchange.getLocalAddress().getAddress().getHostAddress();
            int port = forwarder.port();
            Map<String, Object> out = new LinkedHashMap<>();
            out.put("websocket_url", "ws://" + address + ":" + port + now.webSocketPath());
            out.put("websocket_path", now.webSocketPath());
            out.put("browser_version", now.product());
            out.put("user_agent", now.userAgent());
            out.put("address", address);
            out.put("port", port);
            answer(exchange, 200, out);
        } catch (ChromeGoneException e) {
            answer(exchange, 502, Map.of("error", String.valueOf(e.getMessage()), "code", "chrome_gone"));
        }
    }

    /** As Go prints a duration, which clients of the first Viper may read: {@code 1h2m3.4s}. */
    static String uptime(Duration time) {
        long minutes = time.toMinutes();
        String seconds = time.toSecondsPart() + "." + time.toMillisPart() / 100 + "s";
        return (minutes >= 60 ? minutes / 60 + "h" : "") + (minutes > 0 ? minutes % 60 + "m" : "") + seconds;
    }

    private static void answer(HttpExchange exchange, int status, Map<String, ?> body) throws IOException {
        byte[] bytes = Json.object(body).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
        }
    }
}
