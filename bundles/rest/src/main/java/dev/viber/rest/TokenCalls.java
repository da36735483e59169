package dev.viber.rest;

import dev.viber.api.auth.Audit.AuditEntry;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.auth.Tokens.Issued;
import dev.viber.api.auth.Tokens.Token;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.ClientTokenRequest;
import dev.viber.api.rest.RotationRequest;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.TokenRequest;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.viber.Viber;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/** What the routes about tokens, and about what was done with them, do. */
final class TokenCalls {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Desks desks;

    TokenCalls(Desks desks) {
        this.desks = desks;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(Routes.ISSUE_TOKEN, this::issue),
                new Binding<>(Routes.LIST_VIBER_TOKENS, this::tokensOfViber),
                new Binding<>(Routes.ISSUE_CLIENT_TOKEN, this::issueToClient),
                new Binding<>(Routes.LIST_TOKENS, this::tokens),
                new Binding<>(Routes.ROTATE_TOKEN, this::rotate),
                new Binding<>(Routes.REVOKE_TOKEN, this::revoke),
                new Binding<>(Routes.LIST_AUDIT, this::audit));
    }

    private Work.Answer<Issued> issue(Call<TokenRequest> call) throws Exception {
        TokenRequest request = call.content();
        Duration lifetime = checked(request.expiresIn());
        String viberId = call.text("viberId");
        Promise<Viber> made = desks.vibers.callAsync(desk -> desk.ensure(viberId, null));
        made.getValue();
        return issue(call, Role.VIBER, viberId, request.name(), lifetime);
    }

    private Work.Answer<Issued> issueToClient(Call<ClientTokenRequest> call) throws Exception {
        ClientTokenRequest request = call.content();
        Duration lifetime = checked(request.expiresIn());
        return issue(call, request.role(), null, request.name(), lifetime);
    }

    /** Issues it, once for each Idempotency-Key where one is given. */
    private Work.Answer<Issued> issue(
            Call<?> call, Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime)
            throws Exception {
        String key = call.idempotencyKey();
        // The caller's own token makes words of the key that nobody else can know.
        String once = key == null ? null : call.request().getHeaders().get("Authorization") + "\n" + key;
        Promise<Issued> issued = desks.tokens.callAsync(desk -> once == null
                ? desk.issue(role, viberId, name, lifetime)
                : desk.issueOnce(role, viberId, name, lifetime, once));
        return Work.Answer.of(201, issued.getValue());
    }

    private static @Nullable Duration checked(@Nullable Duration lifetime) {
        if (lifetime != null && (!lifetime.isPositive() || lifetime.compareTo(LONGEST) > 0)) {
            throw ProblemException.invalid(
                    "/expiresIn",
                    "/expiresIn is %s; wanted more than nothing and at most 100 years".formatted(lifetime));
        }
        return lifetime;
    }

    private Work.Answer<Page<Token>> tokensOfViber(Call<Void> call) {
        String viberId = call.text("viberId");
        if (desks.vibers.call(desk -> desk.find(viberId)).isEmpty()) {
            throw ProblemException.notFound("viber", viberId);
        }
        return Work.Answer.of(200, Pages.cut(desks.tokens.call(desk -> desk.list(viberId)), Token::id, call));
    }

    private Work.Answer<Page<Token>> tokens(Call<Void> call) {
        return Work.Answer.of(200, Pages.cut(desks.tokens.call(desk -> desk.list(null)), Token::id, call));
    }

    private Work.Answer<Issued> rotate(Call<RotationRequest> call) throws Exception {
        Duration grace = Objects.requireNonNullElse(call.content().grace(), Duration.ZERO);
        Promise<Issued> rotated = desks.tokens.callAsync(desk -> desk.rotate(call.text("tokenId"), grace));
        return Work.Answer.of(200, rotated.getValue());
    }

    private Work.Answer<Void> revoke(Call<Void> call) throws Exception {
        Promise<Tokens.Token> promise = desks.tokens.callAsync(desk -> desk.revoke(call.text("tokenId")));
        promise.getValue();
        return Work.Answer.none();
    }

    private Work.Answer<Page<AuditEntry>> audit(Call<Void> call) {
        int limit = (int) call.number("limit");
        String cursor = call.optional("cursor");
        long before;
        try {
            before = cursor == null ? 0 : Long.parseLong(cursor);
        } catch (NumberFormatException e) {
            before = -1;
        }
        if (before < 0) {
            throw new ProblemException(
                    Kind.INVALID,
                    "cursor is '%s'; wanted the next of an earlier page of this list".formatted(cursor),
                    Map.of("parameter", "cursor"));
        }
        long from = before;
        List<AuditEntry> entries = desks.audit.call(audit -> audit.list(from, limit));
        boolean more = entries.size() == limit && entries.getLast().seq() > 1;
        return Work.Answer.of(
                200, new Page<>(entries, more ? Long.toString(entries.getLast().seq()) : null));
    }
}
