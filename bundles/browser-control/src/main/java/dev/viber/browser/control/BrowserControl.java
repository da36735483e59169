package dev.viber.browser.control;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.viber.api.guest.AgentLog;
import dev.viber.api.guest.AgentRoutes;
import dev.viber.api.guest.Chrome;
import dev.viber.api.guest.ChromeGoneException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import tools.jackson.core.JacksonException;

/**
 * The agent's calls over HTTP. Chrome is not its own: it connects to it, and leaves it as it is when it goes, so that this
 * bundle can be replaced while pages and other clients' sessions stay.
 */
@Component(service = HttpHandler.class, property = AgentRoutes.PATH + "=/v1", immediate = true)
public final class BrowserControl implements HttpHandler {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration AGAIN = Duration.ofMillis(100);
    /** Of files, which go by the memory. */
    private static final long LARGEST_UPLOAD = 64L << 20;
    /** In memory a text is several times as large on its way, of which the agent has 192 MiB. */
    private static final long LARGEST_BODY = 16L << 20;

    private static final long LONGEST_MS = 3_600_000;

    private final Chrome chrome;
    private final AgentLog log;
    private final Downloads downloads;
    private final FileCalls files;
    private final List<Route> routes = new ArrayList<>();
    private final long defaultMs = defaultTimeout(System.getenv("VIPER_AGENT_DEFAULT_TIMEOUT"));
    /** Held while connecting only. */
    private final ReentrantLock connecting = new ReentrantLock();

    private volatile @Nullable Browser browser;

    /** Connects beside, so that the first call finds it done. */
    @Activate
    public BrowserControl(@Reference Chrome chrome, @Reference AgentLog log) {
        this.chrome = chrome;
        this.log = log;
        downloads = new Downloads(chrome.exchange());
        routes.addAll(NavigationCalls.routes());
        routes.addAll(DomCalls.routes());
        routes.addAll(InputCalls.routes());
        routes.addAll(TabCalls.routes());
        routes.addAll(ProfileCalls.routes());
        files = new FileCalls(chrome.exchange());
        routes.addAll(files.routes());
        Thread.ofVirtual().name("browser-connect").start(() -> {
            try {
                browser();
            } catch (Failure e) {
                log.write("agent", "not connected to Chrome yet: " + e.getMessage());
            }
        });
    }

    @Deactivate
    void close() {
        Browser last = browser;
        if (last != null) {
            last.close();
        }
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String name =
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath();
        long begun = System.nanoTime();
        try {
            Object answer = answer(exchange, name);
            if (answer instanceof Path file) {
                send(exchange, file);
            } else {
                send(exchange, 200, answer);
            }
            log.write("agent", name + ": done in " + (System.nanoTime() - begun) / 1_000_000 + " ms");
        } catch (Failure e) {
            log.write(
                    "agent",
                    name + ": " + e.status() + " " + e.code() + " after " + (System.nanoTime() - begun) / 1_000_000
                            + " ms: " + e.getMessage());
            send(exchange, e.status(), e.body());
        }
    }

    private Object answer(HttpExchange exchange, String name) throws IOException {
        String path = exchange.getRequestURI().getPath();
        boolean known = false;
        for (Route route : routes) {
            Map<String, String> inPath = route.match(path);
            if (inPath != null) {
                known = true;
                if (route.method().equals(exchange.getRequestMethod())) {
                    return run(route, inPath, exchange, name);
                }
            }
        }
        throw known
                ? new Failure(405, "method", path + " is not called by " + exchange.getRequestMethod())
                : new Failure(404, "no_such_path", "there is no " + path);
    }

    private Object run(Route route, Map<String, String> inPath, HttpExchange exchange, String name) throws IOException {
        List<Path> taken = new ArrayList<>();
        try {
            Map<String, Object> members = members(exchange, route, taken);
            log.write("agent", name + ": started");
            long wanted = members.get("timeout_ms") instanceof Long ms ? ms : 0;
            Deadline deadline = Deadline.in(wanted <= 0 ? defaultMs : Math.min(wanted, LONGEST_MS));
            return route.action().run(new Call(browser(), inPath, members, deadline, wanted > 0));
        } finally {
            for (Path each : taken) {
                Files.deleteIfExists(each);
            }
        }
    }

    private Map<String, Object> members(HttpExchange exchange, Route route, List<Path> taken) throws IOException {
        Map<String, Object> out = new LinkedHashMap<>(
                route.checkQuery(query(exchange.getRequestURI().getRawQuery())));
        if (route.method().equals("POST")) {
            boolean upload = route.path().equals(FileCalls.UPLOAD);
            try (InputStream body = new Body(exchange.getRequestBody(), upload ? LARGEST_UPLOAD : LARGEST_BODY)) {
                out.putAll(route.checkBody(Json.read(body, upload ? files.taker(taken) : Json.Taker.NONE)));
            } catch (JacksonException e) {
                throw Failure.malformed("the body is no JSON: " + e.getOriginalMessage());
            }
        }
        return route.complete(out);
    }

    /** The one that is connected to the Chrome that answers now. */
    private Browser browser() {
        Browser now = browser;
        if (now != null && now.isOpen()) {
            return now;
        }
        connecting.lock();
        try {
            now = browser;
            if (now == null || !now.isOpen()) {
                if (now != null) {
                    now.close();
                }
                now = connect();
                browser = now;
            }
            return now;
        } catch (ChromeGoneException e) {
            throw new Failure(502, "chrome_gone", String.valueOf(e.getMessage()));
        } finally {
            connecting.unlock();
        }
    }

    /** Chrome may have ended a moment ago, when whoever watches it does not know yet. */
    private Browser connect() {
        Deadline deadline = Deadline.in(PATIENCE.toMillis());
        while (true) {
            try {
                return new Browser(chrome.running(PATIENCE), downloads, log);
            } catch (Failure e) {
                if (!e.code().equals("chrome_gone") || deadline.isOver()) {
                    throw e;
                }
            }
            try {
                Thread.sleep(AGAIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Failure(503, "stopping", "the agent stops");
            }
        }
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> out = new LinkedHashMap<>();
        if (raw != null && !raw.isEmpty()) {
            for (String each : raw.split("&", -1)) {
                int equals = each.indexOf('=');
                String name = equals < 0 ? each : each.substring(0, equals);
                String value = equals < 0 ? "" : each.substring(equals + 1);
                out.put(
                        URLDecoder.decode(name, StandardCharsets.UTF_8),
                        URLDecoder.decode(value, StandardCharsets.UTF_8));
            }
        }
        return out;
    }

    /** Milliseconds as a number, or as Go writes a duration: {@code 90s}, {@code 1m30s}, {@code 1500ms}. */
    static long defaultTimeout(@Nullable String text) {
        if (text == null || text.isBlank()) {
            return Duration.ofSeconds(60).toMillis();
        }
        try {
            String plain = text.strip();
            long ms = plain.matches("\\d+")
                    ? Long.parseLong(plain)
                    : plain.matches("\\d+ms")
                            ? Long.parseLong(plain.substring(0, plain.length() - 2))
                            : Duration.parse("PT" + plain).toMillis();
            if (ms > 0) {
                return ms;
            }
        } catch (RuntimeException e) {
            // told below
        }
        throw new IllegalArgumentException(
                "VIPER_AGENT_DEFAULT_TIMEOUT is '" + text + "', wanted such as 60s or 60000");
    }

    private static void send(HttpExchange exchange, int status, Object body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Json.write(bytes, body);
        exchange.sendResponseHeaders(status, bytes.size());
        try (OutputStream out = exchange.getResponseBody()) {
            bytes.writeTo(out);
        }
    }

    private static void send(HttpExchange exchange, Path file) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        long size = Files.size(file);
        // To this server a length of 0 means that it is not known.
        exchange.sendResponseHeaders(200, size == 0 ? -1 : size);
        try (OutputStream out = exchange.getResponseBody()) {
            Files.copy(file, out);
        }
    }
}
