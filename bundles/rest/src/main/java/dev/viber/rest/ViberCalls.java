package dev.viber.rest;

import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.auth.Tokens.Issued;
import dev.viber.api.auth.Tokens.Token;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.TokenRequest;
import dev.viber.api.rest.ViberChange;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.viber.Viber;
import java.time.Duration;
import java.util.List;
import org.osgi.util.promise.Promise;

/** What the routes about vibers and tokens do. */
final class ViberCalls {
    private static final Duration LONGEST = Duration.ofDays(36_500);

    private final Desks desks;

    ViberCalls(Desks desks) {
        this.desks = desks;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(Routes.LIST_VIBERS, this::list),
                new Binding<>(Routes.GET_VIBER, call -> Work.Answer.of(200, find(call.text("viberId")))),
                new Binding<>(Routes.CHANGE_VIBER, this::change),
                new Binding<>(Routes.DELETE_VIBER, this::delete),
                new Binding<>(Routes.ISSUE_TOKEN, this::issue),
                new Binding<>(Routes.LIST_VIBER_TOKENS, this::tokensOfViber),
                new Binding<>(Routes.LIST_TOKENS, this::tokens),
                new Binding<>(Routes.REVOKE_TOKEN, this::revoke));
    }

    private Work.Answer<Page<Viber>> list(Call<Void> call) {
        return Work.Answer.of(
                200, desks.vibers.call(desk -> desk.list(call.optional("cursor"), (int) call.number("limit"))));
    }

    private Viber find(String viberId) {
        return desks.vibers
                .call(desk -> desk.find(viberId))
                .orElseThrow(() -> ProblemException.notFound("viber", viberId));
    }

    private Work.Answer<Viber> change(Call<ViberChange> call) throws Exception {
        ViberChange change = call.content();
        Promise<Viber> promise =
                desks.vibers.callAsync(desk -> desk.change(call.text("viberId"), change.name(), change.config()));
        return Work.Answer.of(200, promise.getValue());
    }

    private Work.Answer<Void> delete(Call<Void> call) throws Exception {
        Promise<Viber> promise = desks.vibers.callAsync(desk -> desk.delete(call.text("viberId")));
        promise.getValue();
        return Work.Answer.none();
    }

    private Work.Answer<Issued> issue(Call<TokenRequest> call) throws Exception {
        TokenRequest request = call.content();
        Duration lifetime = request.expiresIn();
        if (lifetime != null && (!lifetime.isPositive() || lifetime.compareTo(LONGEST) > 0)) {
            throw ProblemException.invalid(
                    "/expiresIn",
                    "/expiresIn is %s; wanted more than nothing and at most 100 years".formatted(lifetime));
        }
        String viberId = call.text("viberId");
        Promise<Viber> made = desks.vibers.callAsync(desk -> desk.ensure(viberId, null));
        made.getValue();
        String key = call.idempotencyKey();
        // The caller's own token makes words of the key that nobody else can know.
        String once = key == null ? null : call.request().getHeaders().get("Authorization") + "\n" + key;
        Promise<Issued> issued = desks.tokens.callAsync(desk -> once == null
                ? desk.issue(Role.VIBER, viberId, request.name(), lifetime)
                : desk.issueOnce(viberId, request.name(), lifetime, once));
        return Work.Answer.of(201, issued.getValue());
    }

    private Work.Answer<Page<Token>> tokensOfViber(Call<Void> call) {
        String viberId = find(call.text("viberId")).id();
        return Work.Answer.of(200, Pages.cut(desks.tokens.call(desk -> desk.list(viberId)), Token::id, call));
    }

    private Work.Answer<Page<Token>> tokens(Call<Void> call) {
        return Work.Answer.of(200, Pages.cut(desks.tokens.call(desk -> desk.list(null)), Token::id, call));
    }

    private Work.Answer<Void> revoke(Call<Void> call) throws Exception {
        Promise<Tokens.Token> promise = desks.tokens.callAsync(desk -> desk.revoke(call.text("tokenId")));
        promise.getValue();
        return Work.Answer.none();
    }
}
