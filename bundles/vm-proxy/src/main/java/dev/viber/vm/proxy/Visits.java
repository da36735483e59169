package dev.viber.vm.proxy;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Audit.Deed;
import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.Principal;
import dev.viber.api.gate.Gate;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps in the audit log who drove a guest: calls that change something, and every WebSocket that opens. */
final class Visits {
    private static final Logger LOG = LoggerFactory.getLogger(Visits.class);
    private static final int LONGEST = 200;

    private final Gate<Audit> audit;

    Visits(Gate<Audit> audit) {
        this.audit = audit;
    }

    /**
     * Tells of one that is over, or has opened; of what only reads nothing is told.
     *
     * @param action {@code vmAgent}, {@code vmDevTools}, {@code vmConsole}
     * @param status of the answer; 101 for a WebSocket
     */
    void tell(Request request, Place place, String action, int status) {
        if (!Upgrade.isAsked(request) && Set.of("GET", "HEAD").contains(request.getMethod())) {
            return;
        }
        add(
                request.getAttribute(HttpContribution.PRINCIPAL) instanceof Principal principal ? principal : null,
                Request.getRemoteAddr(request),
                action,
                target(place),
                status < 400 ? Outcome.DONE : Outcome.FAILED,
                Map.of("method", request.getMethod(), "status", status));
    }

    /** Tells of one that was refused for who asked. */
    void denied(Request request, Principal by, Place place, String action, ProblemException why) {
        add(
                by,
                Request.getRemoteAddr(request),
                action,
                target(place),
                Outcome.DENIED,
                Map.of("method", request.getMethod(), "status", why.kind().status()));
    }

    /** The path alone: a query may hold what is nobody's business. */
    private static String target(Place place) {
        String target = place.name() + place.rest();
        return target.length() > LONGEST ? target.substring(0, LONGEST) : target;
    }

    /** Tells of one, as the audit log has it. */
    void add(
            @Nullable Principal by,
            @Nullable String address,
            String action,
            String target,
            Outcome outcome,
            Map<String, Object> detail) {
        Audit present = audit.peek().orElse(null);
        if (present == null) {
            return;
        }
        try {
            present.add(new Deed(by, address, action, target, outcome, detail))
                    .onFailure(e -> LOG.error("{} of {} is not in the audit log", action, target, e));
        } catch (RuntimeException e) {
            LOG.error("{} of {} is not in the audit log", action, target, e);
        }
    }
}
