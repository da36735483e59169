package dev.viber.http;

import dev.viber.api.auth.Authenticator;
import dev.viber.api.auth.Guesses;
import dev.viber.api.auth.Principal;
import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.http.UpgradeGuard;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What every request passes before a contribution sees it: Host, Origin, token, path, role and, before an upgrade, the
 * endpoint's own guard. A caller without a valid token cannot learn which paths exist.
 */
final class Guard extends Handler.Abstract {
    private static final String BEARER = "bearer ";

    /** A refusal with the headers that go with it. */
    private record Refusal(ProblemException problem, List<HttpField> headers) {
        Refusal(Kind kind, String detail, HttpField... headers) {
            this(new ProblemException(kind, detail), List.of(headers));
        }
    }

    private final Routes routes;
    private final Gate<Authenticator> authenticator;
    private final Refusals refusals;
    private final HttpFigures figures;
    private final Set<String> allowedHosts;
    private final Set<String> allowedOrigins;
    private volatile Set<String> certifiedHosts = Set.of();

    /** A guard before these routes; hosts and origins are compared in lower case. */
    Guard(
            Routes routes,
            Gate<Authenticator> authenticator,
            Refusals refusals,
            HttpFigures figures,
            Set<String> allowedHosts,
            Set<String> allowedOrigins) {
        this.routes = routes;
        this.authenticator = authenticator;
        this.refusals = refusals;
        this.figures = figures;
        this.allowedHosts = allowedHosts;
        this.allowedOrigins = allowedOrigins;
    }

    /** Serves these hosts as well, in the place of those said before: the names in the certificate. */
    void alsoServe(Set<String> hosts) {
        certifiedHosts = hosts;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        // Before the port is open: nobody sees a listener without its routes.
        routes.start(getServer());
    }

    @Override
    public boolean handle(Request request, Response given, Callback callback) throws Exception {
        Response response = Unread.watched(request, given);
        String path = Request.getPathInContext(request);
        @Nullable Route route = routes.find(path);
        figures.watch(request, response, route);
        @Nullable Refusal refusal = refuse(request, route, path);
        if (refusal != null) {
            Problems.write(response, callback, refusal.problem(), refusal.headers());
            return true;
        }
        if (route == null || !route.handle(request, response, callback)) {
            Refusal nothing = nothingAt(route, path);
            Problems.write(response, callback, nothing.problem(), nothing.headers());
        }
        return true;
    }

    private @Nullable Refusal refuse(Request request, @Nullable Route route, String path) {
        String host = Request.getServerName(request);
        if (!isOurHost(request, host)) {
            figures.refused("host");
            refusals.add(request, null, Kind.FORBIDDEN.status());
            return new Refusal(
                    Kind.FORBIDDEN, "The host '%s' is not served here; allowed.hosts can name it".formatted(host));
        }
        String origin = request.getHeaders().get(HttpHeader.ORIGIN);
        if (origin != null && !isOurOrigin(request, origin)) {
            figures.refused("origin");
            refusals.add(request, null, Kind.FORBIDDEN.status());
            return new Refusal(
                    Kind.FORBIDDEN, "The origin '%s' may not call; allowed.origins can name it".formatted(origin));
        }
        boolean legacy = Legacy.isAsked(request);
        if (legacy) {
            ProblemException problem = Legacy.refuse(request);
            if (problem != null) {
                figures.refused(problem.kind() == Kind.FORBIDDEN ? "origin" : "legacy");
                return new Refusal(problem, List.of());
            }
        }
        if (route != null && route.isPublic()) {
            return null;
        }
        return legacy ? refuseRole(request, route, path, Legacy.CALLER) : refuseCaller(request, route, path);
    }

    private @Nullable Refusal refuseCaller(Request request, @Nullable Route route, String path) {
        Optional<Principal> known;
        try {
            known = authenticate(request);
        } catch (GateShutException e) {
            return new Refusal(
                    Kind.UNAVAILABLE,
                    "Tokens cannot be checked at the moment: " + e.getMessage(),
                    new HttpField(HttpHeader.RETRY_AFTER, "1"));
        } catch (ProblemException e) {
            figures.refused("limited");
            refusals.add(request, null, e.kind().status());
            Object seconds = e.extensions().getOrDefault(Guesses.RETRY_AFTER, 1L);
            return new Refusal(e, List.of(new HttpField(HttpHeader.RETRY_AFTER, seconds.toString())));
        }
        if (known.isEmpty()) {
            // Who shows nothing guesses nothing, and would only fill the log.
            boolean shown = request.getHeaders().contains(HttpHeader.AUTHORIZATION);
            figures.refused(shown ? "invalid" : "missing");
            if (shown) {
                refusals.add(request, null, Kind.UNAUTHORIZED.status());
            }
            return new Refusal(
                    Kind.UNAUTHORIZED,
                    "The request needs 'Authorization: Bearer' with a token that is valid",
                    new HttpField(HttpHeader.WWW_AUTHENTICATE, "Bearer"));
        }
        return refuseRole(request, route, path, known.get());
    }

    private @Nullable Refusal refuseRole(Request request, @Nullable Route route, String path, Principal principal) {
        if (route == null) {
            return nothingAt(null, path);
        }
        if (!route.allows(principal.role())) {
            figures.refused("role");
            refusals.add(request, principal, Kind.FORBIDDEN.status());
            return new Refusal(
                    Kind.FORBIDDEN,
                    "A token of role '%s' may not use %s".formatted(Route.word(principal.role()), route.path()));
        }
        request.setAttribute(HttpContribution.PRINCIPAL, principal);
        Caller.of(request, principal);
        return route.isSocket() ? refuseUpgrade(request, route.guard(), principal) : null;
    }

    private static @Nullable Refusal refuseUpgrade(Request request, @Nullable UpgradeGuard guard, Principal principal) {
        if (!"websocket".equalsIgnoreCase(request.getHeaders().get(HttpHeader.UPGRADE))) {
            return new Refusal(Kind.MALFORMED, "Only a WebSocket opens here: the request needs 'Upgrade: websocket'");
        }
        String version = request.getHeaders().get(HttpHeader.SEC_WEBSOCKET_VERSION);
        if (!"13".equals(version)) {
            return new Refusal(
                    Kind.MALFORMED,
                    "Sec-WebSocket-Version is '%s'; wanted 13".formatted(version),
                    new HttpField(HttpHeader.SEC_WEBSOCKET_VERSION, "13"));
        }
        @Nullable Duration away = guard == null ? null : guard.refuse(principal);
        if (away == null) {
            return null;
        }
        long seconds = Math.max(1, away.plusMillis(999).toSeconds());
        return new Refusal(
                Kind.TOO_MANY,
                "Too many sockets for this token; try again in %d s".formatted(seconds),
                new HttpField(HttpHeader.RETRY_AFTER, Long.toString(seconds)));
    }

    private Optional<Principal> authenticate(Request request) {
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.empty();
        }
        String token = header.substring(BEARER.length()).strip();
        return token.isEmpty()
                ? Optional.empty()
                : authenticator.call(service -> service.authenticate(token, Request.getRemoteAddr(request)));
    }

    private boolean isOurHost(Request request, String name) {
        String host = bare(name.toLowerCase(Locale.ROOT));
        return host.equals("localhost")
                || host.equals("127.0.0.1")
                || host.equals("::1")
                || host.equals(bare(Request.getLocalAddr(request)))
                || allowedHosts.contains(host)
                || certifiedHosts.contains(host)
                || certifiedHosts.contains("*" + host.substring(Math.max(0, host.indexOf('.'))));
    }

    private boolean isOurOrigin(Request request, String origin) {
        if (allowedOrigins.contains(origin.toLowerCase(Locale.ROOT))) {
            return true;
        }
        try {
            URI from = URI.create(origin);
            return from.getAuthority() != null
                    && from.getScheme() != null
                    && from.getScheme().startsWith("http")
                    && from.getAuthority().equalsIgnoreCase(request.getHeaders().get(HttpHeader.HOST));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String bare(String host) {
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    @SuppressWarnings("ReferenceEquality") // another one at the same path is another one
    private Refusal nothingAt(@Nullable Route asked, String path) {
        // What was away when it was looked for may be back by now: while the token was checked, say.
        if (routes.isAway(path) || routes.find(path) != asked) {
            return new Refusal(
                    Kind.UNAVAILABLE,
                    "What serves %s is being replaced".formatted(path),
                    new HttpField(HttpHeader.RETRY_AFTER, "1"));
        }
        return new Refusal(Kind.NOT_FOUND, "There is nothing at " + path);
    }
}
