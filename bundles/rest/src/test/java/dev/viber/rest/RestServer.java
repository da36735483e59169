package dev.viber.rest;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.http.HttpContribution;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/** A real Jetty with the real handlers; a bearer token is the name of its role. */
final class RestServer implements AutoCloseable {
    final MemoryDesks memory = new MemoryDesks();
    final Desks desks = new Desks();
    final Revocations revocations = new Revocations();
    final RestHandler rest;
    final EventsEndpoint sockets;
    final MetricsHandler metrics = new MetricsHandler(desks);
    final URI root;
    private final Server server;
    private final HttpClient http = HttpClient.newHttpClient();

    RestServer(Map<String, Object> configuration) throws Exception {
        desks.bindTasks(memory);
        desks.bindVibers(memory.viberDesk);
        desks.bindTokens(memory);
        desks.bindEvents(memory.bus);
        RestConfig config = config(configuration);
        rest = new RestHandler(desks, revocations, config);
        sockets = new EventsEndpoint(desks, revocations, config);
        QueuedThreadPool threads = new QueuedThreadPool();
        threads.setVirtualThreadsExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server = new Server(threads);
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler("/");
        JakartaWebSocketServletContainerInitializer.configure(
                context, (servlets, container) -> container.addEndpoint(sockets));
        server.setHandler(
                new Handler.Sequence(new Dispatch("/api/v1", rest), new Dispatch("/metrics", metrics), context));
        server.start();
        root = URI.create("http://127.0.0.1:" + connector.getLocalPort());
    }

    static RestConfig config(Map<String, Object> values) {
        return (RestConfig) Proxy.newProxyInstance(
                RestServer.class.getClassLoader(),
                new Class<?>[] {RestConfig.class},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue()));
    }

    /** What the http bundle does for a contribution. */
    private static final class Dispatch extends Handler.Wrapper {
        private final String path;

        Dispatch(String path, Handler handler) {
            super(handler);
            this.path = path;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            if (!request.getHttpURI().getPath().startsWith(path)) {
                return false;
            }
            String header = request.getHeaders().get("Authorization");
            if (header != null) {
                Role role = Role.valueOf(header.substring("Bearer ".length()).toUpperCase(Locale.ROOT));
                request.setAttribute(HttpContribution.PRINCIPAL, new Principal("id-of-" + role, role, null));
            }
            return super.handle(request, response, callback);
        }
    }

    ViberClient client() {
        return new ViberClient(root, "owner");
    }

    HttpResponse<String> send(String method, String path, @Nullable String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(root + path))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!java.util.List.of(headers).contains("Authorization")) {
            request.header("Authorization", "Bearer owner");
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    HttpClient http() {
        return http;
    }

    @Override
    public void close() {
        http.shutdownNow();
        rest.deactivate();
        sockets.deactivate();
        LifeCycle.stop(server);
    }
}
