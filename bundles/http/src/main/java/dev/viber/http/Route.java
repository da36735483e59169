package dev.viber.http;

import dev.viber.api.auth.Role;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.http.UpgradeGuard;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.component.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One contribution: where it is served, who may call, and the requests that are inside it. */
class Route {
    private static final Logger LOG = LoggerFactory.getLogger(Route.class);

    /** How long requests that are not yet answered, and then streams, are given to end when their route goes. */
    static final Duration GRACE = Duration.ofSeconds(2);

    private record Inside(Request request, Response response, CompletableFuture<@Nullable Void> done) {}

    private final String path;
    private final Set<Role> roles;
    private final boolean open;
    private final int ranking;
    private final Handler handler;
    private final Set<Inside> inside = ConcurrentHashMap.newKeySet();

    Route(String path, Map<String, ?> properties, Handler handler) {
        this.path = path;
        this.roles = roles(properties.get(HttpContribution.ROLES));
        this.open = Boolean.parseBoolean(String.valueOf(properties.get(HttpContribution.PUBLIC)));
        this.ranking = properties.get("service.ranking") instanceof Integer rank ? rank : 0;
        this.handler = handler;
    }

    /** A role as properties, configuration and the wire spell it. */
    static String word(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    final String path() {
        return path;
    }

    /** Whether no token is asked for. */
    final boolean isPublic() {
        return open;
    }

    final int ranking() {
        return ranking;
    }

    final boolean allows(Role role) {
        return roles.contains(role);
    }

    /** Whether this contribution serves the path; the longest of those that do is chosen. */
    boolean serves(String asked) {
        return covers(path, asked);
    }

    /** Whether what is served at this path serves the one asked for; a star in it stands for any one segment. */
    static boolean covers(String path, String asked) {
        int star = path.indexOf("/*");
        if (star >= 0) {
            int end = asked.indexOf('/', star + 1);
            String rest = path.substring(star + 2);
            return asked.startsWith(path.substring(0, star + 1))
                    && (end < 0 ? rest.isEmpty() : covers(rest, asked.substring(end)))
                    && asked.length() > star + 1;
        }
        return asked.startsWith(path)
                && (asked.length() == path.length() || path.endsWith("/") || asked.charAt(path.length()) == '/');
    }

    /** Whether it can only be opened as a WebSocket. */
    boolean isSocket() {
        return false;
    }

    /** Who is asked before an upgrade; null where nobody is. */
    @Nullable
    UpgradeGuard guard() {
        return null;
    }

    /** Starts the contribution; from then on {@link #handle} works. */
    void start(Server server) throws Exception {
        handler.setServer(server);
        handler.start();
    }

    final boolean handle(Request request, Response response, Callback callback) throws Exception {
        Inside here = new Inside(request, response, new CompletableFuture<>());
        inside.add(here);
        Request.addCompletionListener(request, failure -> {
            inside.remove(here);
            here.done().complete(null);
        });
        return handler.handle(request, response, callback);
    }

    /**
     * Ends the contribution, which is no longer found by new requests: waits for answers that have not begun, stops the
     * handler, and closes the connections of what still streams a while later. Never longer than twice {@link #GRACE}
     * beside the handler's own stop.
     */
    final void retire() {
        await(inside.stream().filter(one -> !one.response().isCommitted()).toList());
        farewell();
        LifeCycle.stop(handler);
        List<Inside> streams = List.copyOf(inside);
        if (!streams.isEmpty()) {
            await(streams);
            for (Inside left : inside) {
                LOG.info("{} is gone, closing a connection that still waits for it", path);
                left.request()
                        .getConnectionMetaData()
                        .getConnection()
                        .getEndPoint()
                        .close();
            }
        }
    }

    /** What is to be done before the handler is stopped. */
    void farewell() {}

    private void await(List<Inside> those) {
        CompletableFuture<?>[] done = those.stream().map(Inside::done).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(done).get(GRACE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.debug("{}: {} requests did not end in {}", path, those.size(), GRACE);
        } catch (ExecutionException e) {
            throw new IllegalStateException("The end of a request cannot fail", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Set<Role> roles(@Nullable Object property) {
        EnumSet<Role> roles = EnumSet.noneOf(Role.class);
        Collection<?> words = switch (property) {
            case null -> List.of();
            case Object[] several -> List.of(several);
            case Collection<?> several -> several;
            default -> List.of(property.toString().split("\\s*,\\s*", -1));
        };
        for (Object word : words) {
            roles.add(Role.valueOf(word.toString().strip().toUpperCase(Locale.ROOT)));
        }
        return roles;
    }

    @Override
    public String toString() {
        return path + (open ? " for everyone" : " for " + roles);
    }
}
