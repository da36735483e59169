package dev.viber.live.view;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.live.view.Tickets.Ticket;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Who opens a live view: by a token in the header, as everywhere, or by a ticket in the address, once. */
@Component(service = Callers.class)
public final class Callers {
    private static final String BEARER = "bearer ";
    private static final Set<Role> CONTROLLERS = Set.of(Role.OWNER, Role.OPERATOR);

    private final Desks desks;
    private final Tickets tickets;

    /** Asks these. */
    @Activate
    public Callers(@Reference Desks desks, @Reference Tickets tickets) {
        this.desks = desks;
        this.tickets = tickets;
    }

    /**
     * What this request may open.
     *
     * @param mode {@code view} or {@code control}; null for what the ticket says, else {@code view}
     * @throws ProblemException where it may not
     */
    Ticket caller(Request request, String vm, @Nullable String ticket, @Nullable String mode) {
        if (mode != null && !mode.equals("view") && !mode.equals("control")) {
            throw new ProblemException(Kind.INVALID, "mode is '%s'; wanted view or control".formatted(mode));
        }
        boolean control = "control".equals(mode);
        Ticket shown;
        if (ticket != null) {
            Ticket found = tickets.redeem(ticket, vm)
                    .filter(one -> isValid(one.by()))
                    .orElseThrow(() -> new ProblemException(
                            Kind.UNAUTHORIZED, "The ticket is used, too old, or for another VM; get a new one"));
            if (control && !found.control()) {
                throw new ProblemException(Kind.FORBIDDEN, "The ticket is for mode=view");
            }
            shown = new Ticket(found.by(), vm, mode == null ? found.control() : control, found.viewer());
        } else {
            Principal by = bearer(request)
                    .orElseThrow(() -> new ProblemException(
                            Kind.UNAUTHORIZED,
                            "The request needs 'Authorization: Bearer' with a token that is valid, or ?ticket="));
            shown = new Ticket(by, vm, control, null);
        }
        check(shown.by(), shown.control());
        return shown;
    }

    /** Refuses whom the mode is not for. */
    static void check(Principal by, boolean control) {
        if (by.role() == Role.VIBER || (control && !CONTROLLERS.contains(by.role()))) {
            throw new ProblemException(
                    Kind.FORBIDDEN,
                    "A token of role '%s' may not %s the browser of a VM"
                            .formatted(
                                    by.role().name().toLowerCase(java.util.Locale.ROOT),
                                    control ? "control" : "watch"));
        }
    }

    private Optional<Principal> bearer(Request request) {
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.empty();
        }
        String token = header.substring(BEARER.length()).strip();
        return token.isEmpty()
                ? Optional.empty()
                : desks.authenticator.call(service -> service.authenticate(token, Request.getRemoteAddr(request)));
    }

    /** Whether what the ticket was issued for still holds. */
    private boolean isValid(Principal by) {
        Optional<Tokens.Token> token = desks.tokens.call(desk -> desk.byId(by.tokenId()));
        return token.filter(one -> {
                    Instant expiresAt = one.expiresAt();
                    return one.revokedAt() == null
                            && (expiresAt == null || Instant.now().isBefore(expiresAt));
                })
                .isPresent();
    }
}
