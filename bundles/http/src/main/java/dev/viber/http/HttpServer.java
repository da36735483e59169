package dev.viber.http;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Authenticator;
import dev.viber.api.gate.Gate;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.http.HttpListener;
import dev.viber.api.metric.Metrics;
import dev.viber.api.ready.Ready;
import jakarta.websocket.server.ServerEndpointConfig;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.server.Handler;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one HTTP listener as a component: its contributions are services that come and go. */
@Component(
        service = {},
        immediate = true,
        configurationPid = HttpSettings.PID)
@Designate(ocd = HttpSettings.class)
public final class HttpServer {
    private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final HttpSettings settings;
    private final BundleContext context;
    private final Gate<Authenticator> authenticator = new Gate<>("authenticator", PATIENCE);
    private final Gate<Audit> audit = new Gate<>("audit log", PATIENCE);
    private final Routes routes = new Routes();
    private final Health health;
    private final Map<Object, Route> contributed = Collections.synchronizedMap(new IdentityHashMap<>());
    private @Nullable Listening listening;
    private List<ServiceRegistration<?>> registrations = List.of();

    /** A listener that does not listen yet. */
    @Activate
    public HttpServer(BundleContext context, HttpSettings settings) {
        this.context = context;
        this.settings = settings;
        this.health = new Health(Set.of(settings.ready_parts()));
        health.routes().forEach(routes::add);
    }

    @Activate
    void start() {
        HttpFigures figures = new HttpFigures();
        Guard guard = new Guard(
                routes,
                authenticator,
                new Refusals(audit),
                figures,
                lowerCase(settings.allowed_hosts()),
                lowerCase(settings.allowed_origins()));
        try {
            Listening opened = Listening.open(settings, guard);
            listening = opened;
            registrations = List.of(
                    context.registerService(HttpListener.class, opened, null),
                    context.registerService(Metrics.class, figures, null),
                    context.registerService(
                            Ready.class,
                            new Ready("http", facts(opened)),
                            FrameworkUtil.asDictionary(Map.of(Ready.PART, "http"))));
            LOG.info("listening on {}:{}{}", opened.host(), opened.port(), opened.isSecure() ? " with TLS" : "");
        } catch (ListenException e) {
            routes.stop();
            // Whoever starts the bundle is told why, and need not wait for what will not come.
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    private static Map<String, Object> facts(Listening opened) {
        Map<String, Object> facts =
                new HashMap<>(Map.of("host", opened.host(), "port", opened.port(), "secure", opened.isSecure()));
        if (opened.isSecure() && opened.plainPort() > 0) {
            facts.put("plainPort", opened.plainPort());
        }
        if (opened.legacyPort() > 0) {
            facts.put("legacyPort", opened.legacyPort());
        }
        return facts;
    }

    @Deactivate
    void stop() {
        registrations.forEach(ServiceRegistration::unregister);
        registrations = List.of();
        if (listening != null) {
            listening.close(routes);
            listening = null;
        }
    }

    @Reference(
            service = Handler.class,
            target = "(" + HttpContribution.PATH + "=*)",
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addHandler(Handler handler, Map<String, ?> properties) {
        String path = String.valueOf(properties.get(HttpContribution.PATH));
        add(handler, path, () -> {
            if (!path.startsWith("/") || (path.length() > 1 && path.endsWith("/"))) {
                throw new IllegalArgumentException(HttpContribution.PATH + " is '" + path
                        + "'; wanted is an absolute path without a slash at its end");
            }
            return new Route(path, properties, handler);
        });
    }

    void removeHandler(Handler handler) {
        remove(handler);
    }

    @Reference(
            service = ServerEndpointConfig.class,
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addEndpoint(ServerEndpointConfig endpoint, Map<String, ?> properties) {
        add(endpoint, endpoint.getPath(), () -> SocketRoute.of(endpoint, properties, settings.max_frame_bytes()));
    }

    void removeEndpoint(ServerEndpointConfig endpoint) {
        remove(endpoint);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindAuthenticator(Authenticator found) {
        authenticator.open(found);
    }

    void unbindAuthenticator(Authenticator gone) {
        authenticator.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindAudit(Audit found) {
        audit.open(found);
    }

    void unbindAudit(Audit gone) {
        audit.close(gone);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void addReady(Ready part) {
        health.add(part);
    }

    void removeReady(Ready part) {
        health.remove(part);
    }

    private interface Building {
        Route build();
    }

    private void add(Object service, String path, Building building) {
        try {
            Route route = building.build();
            contributed.put(service, route);
            routes.add(route);
        } catch (RuntimeException e) {
            LOG.error(
                    "The contribution {} to {} is not served",
                    service.getClass().getName(),
                    path,
                    e);
        }
    }

    private void remove(Object service) {
        Route route = contributed.remove(service);
        if (route != null) {
            routes.remove(route);
        }
    }

    private static Set<String> lowerCase(String[] words) {
        Set<String> all = new HashSet<>();
        Arrays.stream(words).map(word -> word.strip().toLowerCase(Locale.ROOT)).forEach(all::add);
        return Set.copyOf(all);
    }
}
