package dev.viber.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.ViberChange;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.viber.Viber;
import java.util.List;
import org.osgi.util.promise.Promise;

/** What the routes about vibers do. */
final class ViberCalls {
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
                new Binding<>(Routes.DELETE_VIBER, this::delete));
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
}
