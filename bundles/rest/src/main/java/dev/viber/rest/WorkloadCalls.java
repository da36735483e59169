package dev.viber.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.WorkloadChange;
import dev.viber.api.rest.WorkloadRequest;
import dev.viber.api.rest.WorkloadRoutes;
import dev.viber.api.rest.WorkloadView;
import dev.viber.api.workload.Workload;
import dev.viber.api.workload.WorkloadDesk.State;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the routes about workloads do. */
final class WorkloadCalls {
    private final Desks desks;

    WorkloadCalls(Desks desks) {
        this.desks = desks;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(WorkloadRoutes.CREATE_WORKLOAD, this::create),
                new Binding<>(
                        WorkloadRoutes.LIST_WORKLOADS,
                        call -> Work.Answer.of(
                                200,
                                desks.workloads.call(desk -> desk.list().stream()
                                        .map(WorkloadView::of)
                                        .toList()))),
                new Binding<>(
                        WorkloadRoutes.GET_WORKLOAD,
                        call -> Work.Answer.of(
                                200,
                                WorkloadView.of(desks.workloads
                                        .call(desk -> desk.find(call.text("name")))
                                        .orElseThrow(() -> ProblemException.notFound("workload", call.text("name")))))),
                new Binding<>(WorkloadRoutes.CHANGE_WORKLOAD, this::change),
                new Binding<>(WorkloadRoutes.DELETE_WORKLOAD, call -> {
                    desks.workloads.call(desk -> desk.delete(call.text("name"))).getValue();
                    return Work.Answer.none();
                }));
    }

    private Work.Answer<WorkloadView> create(Call<WorkloadRequest> call) throws Exception {
        Workload wanted = call.content().workload();
        State made = desks.workloads.call(desk -> desk.create(wanted)).getValue();
        return new Work.Answer<>(
                201,
                settled(made, call.optional("wait")),
                null,
                Map.of("Location", Routes.BASE + "/workloads/" + wanted.name()));
    }

    private Work.Answer<WorkloadView> change(Call<WorkloadChange> call) throws Exception {
        WorkloadChange wanted = call.content();
        Workload.Restart policy = wanted.policy();
        State changed = desks.workloads
                .call(desk -> desk.change(call.text("name"), wanted.replicas(), policy))
                .getValue();
        return Work.Answer.of(200, settled(changed, call.optional("wait")));
    }

    private WorkloadView settled(State now, @Nullable String wait) throws Exception {
        if (!"ready".equals(wait)) {
            return WorkloadView.of(now);
        }
        String name = now.workload().name();
        return WorkloadView.of(Successors.await(() -> desks.workloads.call(desk -> desk.settled(name))));
    }
}
