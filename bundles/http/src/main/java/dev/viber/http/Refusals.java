package dev.viber.http;

import dev.viber.api.auth.Audit;
import dev.viber.api.auth.Audit.Deed;
import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.Principal;
import dev.viber.api.gate.Gate;
import java.util.Map;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps in the audit log who was turned away at the door; where there is no such log, nothing waits for one. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

    private final Gate<Audit> audit;

    Refusals(Gate<Audit> audit) {
        this.audit = audit;
    }

    /** This request was refused with this status; {@code by} is null where nobody proved who they are. */
    void add(Request request, @Nullable Principal by, int status) {
        Deed deed = new Deed(
                by,
                Request.getRemoteAddr(request),
                request.getMethod() + " " + Request.getPathInContext(request),
                null,
                Outcome.DENIED,
                Map.of("status", status));
        audit.peek().ifPresent(log -> {
            try {
                log.add(deed).onFailure(e -> LOG.warn("a refusal is not in the audit log: {}", e.toString()));
            } catch (RuntimeException e) {
                LOG.warn("a refusal is not in the audit log: {}", e.toString());
            }
        });
    }
}
