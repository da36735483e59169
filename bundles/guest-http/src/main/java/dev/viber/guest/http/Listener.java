package dev.viber.guest.http;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.guest.Access;
import dev.viber.api.guest.AgentListener;
import dev.viber.api.guest.AgentRoutes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The JDK's own HTTP server, a virtual thread for each request; checks the token, then hands each request to the handler of
 * the longest prefix, waiting for it where it is being replaced.
 */
@Component(service = AgentListener.class, immediate = true)
public final class Listener implements AgentListener {
    private static final String ADDRESS = "VIPER_AGENT_LISTEN_ADDR";
    private static final int PORT = 8080;
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int RETRY_AFTER_S = 1;

    /** The longest first. A gate stays when its handler goes: the next one comes to it. */
    private final Map<String, Gate<HttpHandler>> gates = new ConcurrentSkipListMap<>(
            Comparator.<String>comparingInt(String::length).reversed().thenComparing(Comparator.naturalOrder()));

    private final Access access;
    private final HttpServer server;
    private final ExecutorService requests = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("request-", 0).factory());

    static {
        // The server batches small answers otherwise: 40 ms for each of them on a kept connection.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        // A connection is never closed under a client that may be writing its next request: what is left of a refused
        // request's body is read to its end, and idle ones are kept for longer than clients keep them (the JDK's 30 s).
        System.setProperty("sun.net.httpserver.drainAmount", Integer.toString(64 * 1024 * 1024));
        System.setProperty("sun.net.httpserver.idleInterval", "120");
    }

    /** Listens where the environment says. */
    @Activate
    public Listener(BundleContext context, @Reference Access access) throws IOException {
        this(access, address(System.getenv(ADDRESS), access.hasToken()), new Bundles(context));
    }

    Listener(Access access, InetSocketAddress address, @Nullable HttpHandler bundles) throws IOException {
        this.access = access;
        // What an agent has in any case: who comes before the bundle that serves it waits for it.
        gate("/v1");
        gate("/healthz");
        if (bundles != null) {
            gate("/v1/bundles").open(bundles);
        }
        try {
            server = HttpServer.create(address, 0);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address + ": " + e.getMessage(), e);
        }
        server.setExecutor(requests);
        server.createContext("/", this::handle);
        server.start();
    }

    @Deactivate
    void close() {
        server.stop(0);
        requests.shutdownNow();
    }

    @Override
    public InetSocketAddress address() {
        return server.getAddress();
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void bindHandler(HttpHandler handler, Map<String, Object> properties) {
        for (String path : paths(properties)) {
            gate(path).open(handler);
        }
    }

    void unbindHandler(HttpHandler handler, Map<String, Object> properties) {
        for (String path : paths(properties)) {
            gate(path).close(handler);
        }
    }

    private Gate<HttpHandler> gate(String path) {
        return gates.computeIfAbsent(path, found -> new Gate<>("what serves " + found, PATIENCE));
    }

    private void handle(HttpExchange exchange) throws IOException {
        // Around the catches: an exchange that is closed takes no answer any more.
        try (exchange) {
            serve(exchange);
        }
    }

    private void serve(HttpExchange exchange) throws IOException {
        try {
            String path = exchange.getRequestURI().getPath();
            Headers headers = exchange.getRequestHeaders();
            String refusal = path.equals("/healthz")
                    ? null
                    : access.refusal(
                            headers.getFirst("Authorization"), headers.getFirst("Host"), headers.getFirst("Origin"));
            if (refusal != null) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
                Answers.error(exchange, access.hasToken() ? 401 : 403, "refused", refusal);
                return;
            }
            for (Map.Entry<String, Gate<HttpHandler>> each : gates.entrySet()) {
                if (path.equals(each.getKey()) || path.startsWith(each.getKey() + "/")) {
                    each.getValue().call(handler -> {
                        handler.handle(exchange);
                        return true;
                    });
                    return;
                }
            }
            Answers.error(exchange, 404, "no_such_path", "there is no " + path);
        } catch (GateShutException e) {
            exchange.getResponseHeaders().set("Retry-After", Integer.toString(RETRY_AFTER_S));
            Answers.error(exchange, 503, "not_there", String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            e.printStackTrace();
            if (exchange.getResponseCode() < 0) {
                Answers.error(exchange, 500, "internal", "the agent failed: " + e);
            }
        }
    }

    static InetSocketAddress address(@Nullable String setting, boolean guarded) {
        return setting == null || setting.isEmpty()
                ? Addresses.byDefault(PORT, guarded)
                : Addresses.parse(ADDRESS, setting);
    }

    private static String[] paths(Map<String, Object> properties) {
        return switch (properties.get(AgentRoutes.PATH)) {
            case String path -> new String[] {path};
            case String[] several -> several;
            case null, default -> new String[0];
        };
    }
}
