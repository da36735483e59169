package dev.viber.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.Route;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.VmRequest;
import dev.viber.api.rest.VmView;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import java.util.List;
import java.util.Map;
import org.osgi.util.promise.Promise;

/** What the routes about microVMs do. */
final class VmCalls {
    private final Desks desks;

    VmCalls(Desks desks) {
        this.desks = desks;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(Routes.CREATE_VM, this::create),
                new Binding<>(
                        Routes.LIST_VMS,
                        call -> Work.Answer.of(
                                200,
                                desks.vms.call(desk ->
                                        desk.list().stream().map(VmView::of).toList()))),
                new Binding<>(Routes.GET_VM, call -> Work.Answer.of(200, VmView.of(find(call.text("name"))))),
                new Binding<>(Routes.DELETE_VM, this::delete),
                turn(Routes.START_VM, VmDesk::start),
                turn(Routes.STOP_VM, VmDesk::stop),
                turn(Routes.RESTART_VM, VmDesk::restart),
                turn(Routes.PAUSE_VM, VmDesk::pause),
                turn(Routes.RESUME_VM, VmDesk::resume));
    }

    private Vm find(String name) {
        return desks.vms.call(desk -> desk.find(name)).orElseThrow(() -> ProblemException.notFound("vm", name));
    }

    private Work.Answer<VmView> create(Call<VmRequest> call) throws Exception {
        VmRequest wanted = call.content();
        VmDesk.Made answer = desks.vms
                .call(desk -> desk.create(wanted.spec(), call.idempotencyKey()))
                .getValue();
        Vm made = awaited(call, answer.vm());
        return new Work.Answer<>(
                answer.before() ? 200 : 201,
                VmView.of(made),
                null,
                Map.of("Location", Routes.BASE + "/vms/" + wanted.name()));
    }

    /** The VM when its guest is ready, where the caller waits for that. */
    private Vm awaited(Call<?> call, Vm now) throws Exception {
        return "ready".equals(call.optional("wait")) ? ready(now.name()) : now;
    }

    /** Waits until its guest is ready. */
    Vm ready(String name) throws Exception {
        return Successors.await(() -> desks.vms.call(desk -> desk.ready(name)));
    }

    private Work.Answer<Void> delete(Call<Void> call) throws Exception {
        desks.vms.call(desk -> desk.delete(call.text("name"))).getValue();
        return Work.Answer.none();
    }

    private interface Turn {
        Promise<Vm> of(VmDesk desk, String name);
    }

    private Binding<Void, VmView> turn(Route<Void, VmView> route, Turn turn) {
        return new Binding<>(
                route,
                call -> Work.Answer.of(
                        200,
                        VmView.of(awaited(
                                call,
                                desks.vms
                                        .call(desk -> turn.of(desk, call.text("name")))
                                        .getValue()))));
    }
}
