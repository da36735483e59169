package dev.viber.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.rest.ForkRequest;
import dev.viber.api.rest.Routes;
import dev.viber.api.rest.SnapshotRequest;
import dev.viber.api.rest.SnapshotView;
import dev.viber.api.rest.VmRoutes;
import dev.viber.api.rest.VmView;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.Vm;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the routes about snapshots and forks do. */
final class SnapshotCalls {
    private final Desks desks;
    private final VmCalls vms;

    SnapshotCalls(Desks desks, VmCalls vms) {
        this.desks = desks;
        this.vms = vms;
    }

    /** Every one of them. */
    List<Binding<?, ?>> bindings() {
        return List.of(
                new Binding<>(VmRoutes.SNAPSHOT_VM, this::snapshot),
                new Binding<>(VmRoutes.FORK_VM, this::fork),
                new Binding<>(
                        VmRoutes.LIST_SNAPSHOTS,
                        call -> Work.Answer.of(
                                200,
                                desks.snapshots.call(desk -> desk.snapshots().stream()
                                        .map(SnapshotView::of)
                                        .toList()))),
                new Binding<>(
                        VmRoutes.GET_SNAPSHOT,
                        call -> Work.Answer.of(
                                200,
                                SnapshotView.of(desks.snapshots
                                        .call(desk -> desk.findSnapshot(call.text("name")))
                                        .orElseThrow(() -> ProblemException.notFound("snapshot", call.text("name")))))),
                new Binding<>(VmRoutes.DELETE_SNAPSHOT, call -> {
                    desks.snapshots
                            .call(desk -> desk.deleteSnapshot(call.text("name")))
                            .getValue();
                    return Work.Answer.none();
                }));
    }

    private Work.Answer<SnapshotView> snapshot(Call<SnapshotRequest> call) throws Exception {
        String name = call.content().name();
        SnapshotView made = SnapshotView.of(desks.snapshots
                .call(desk -> desk.snapshot(call.text("name"), name))
                .getValue());
        return new Work.Answer<>(201, made, null, Map.of("Location", Routes.BASE + "/snapshots/" + name));
    }

    private Work.Answer<List<VmView>> fork(Call<ForkRequest> call) throws Exception {
        String vm = call.text("name");
        List<String> names = names(vm, call.content());
        List<Vm> made = desks.snapshots
                .call((SnapshotDesk desk) -> desk.fork(vm, names))
                .getValue();
        if ("ready".equals(call.optional("wait"))) {
            List<Vm> ready = new ArrayList<>();
            for (Vm one : made) {
                ready.add(vms.ready(one.name()));
            }
            made = ready;
        }
        return Work.Answer.of(201, made.stream().map(VmView::of).toList());
    }

    private List<String> names(String vm, ForkRequest wanted) {
        List<String> names = wanted.names();
        Integer count = wanted.count();
        if (names != null && count != null) {
            throw new ProblemException(
                    ProblemException.Kind.INVALID, "both names and count are there; wanted one of them");
        }
        if (names != null) {
            return names;
        }
        Set<String> taken =
                desks.vms.call(desk -> desk.list().stream().map(Vm::name).collect(Collectors.toSet()));
        Stream<String> free = IntStream.iterate(1, number -> number + 1)
                .mapToObj(number -> vm + "-f" + number)
                .filter(name -> !taken.contains(name));
        return free.limit(count == null ? 1 : count).toList();
    }
}
