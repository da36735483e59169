package dev.viber.rest;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Audit.Deed;
import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.Route;
import dev.viber.api.task.Task;
import java.lang.reflect.InvocationTargetException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps in the audit log what is changed through REST, and what is refused there. */
final class Deeds {
    private static final Logger LOG = LoggerFactory.getLogger(Deeds.class);
    private static final Set<Role> OWNER = Set.of(Role.OWNER);

    private final Desks desks;

    Deeds(Desks desks) {
        this.desks = desks;
    }

    /** A caller was refused for its role. */
    void denied(Route<?, ?> route, Principal principal, Map<String, String> path, Request request) {
        add(route, principal, path, request, Outcome.DENIED, Map.of("status", 403));
    }

    /**
     * A route was done. What only the owner may do is durable in the log before it is answered; the rest is in the
     * writer's queue.
     */
    void done(
            Route<?, ?> route,
            Principal principal,
            Map<String, String> path,
            Request request,
            int status,
            @Nullable Object answer) {
        if (route.method() == Route.Method.GET) {
            return;
        }
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("status", status);
        switch (answer) {
            case Task task -> detail.put("task", task.id());
            case Tokens.Issued issued -> detail.put("token", issued.id());
            case null, default -> {}
        }
        Promise<Boolean> kept = add(route, principal, path, request, Outcome.DONE, detail);
        if (kept != null && route.roles().equals(OWNER)) {
            await(kept);
        }
    }

    /** A route was allowed and failed. */
    void failed(Route<?, ?> route, Principal principal, Map<String, String> path, Request request, Throwable failure) {
        if (route.method() == Route.Method.GET) {
            return;
        }
        Throwable cause = failure instanceof InvocationTargetException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        int status = cause instanceof ProblemException problem ? problem.kind().status() : 500;
        add(route, principal, path, request, Outcome.FAILED, Map.of("status", status));
    }

    private @Nullable Promise<Boolean> add(
            Route<?, ?> route,
            Principal principal,
            Map<String, String> path,
            Request request,
            Outcome outcome,
            Map<String, Object> detail) {
        Audit audit = desks.audit.peek().orElse(null);
        if (audit == null) {
            return null;
        }
        String target = path.isEmpty() ? null : String.join("/", path.values());
        Deed deed = new Deed(principal, Request.getRemoteAddr(request), route.name(), target, outcome, detail);
        try {
            return audit.add(deed)
                    .onFailure(
                            e -> LOG.error("{} by {} is not in the audit log", route.name(), principal.tokenId(), e));
        } catch (RuntimeException e) {
            LOG.error("{} by {} is not in the audit log", route.name(), principal.tokenId(), e);
            return null;
        }
    }

    private static void await(Promise<Boolean> kept) {
        try {
            kept.getValue();
        } catch (InvocationTargetException e) {
            LOG.debug("told already", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
