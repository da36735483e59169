package dev.viber.api.rest;

import dev.viber.api.workload.WorkloadDesk.State;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A workload as it is told. */
public record WorkloadView(
        @About(value = "Unique among the workloads there are.", example = "\"web\"")
        String name,

        @About("wanted, or deleting.") String status,
        @About("What its VMs are made from.") WorkloadTemplate template,
        @About("always, on-failure or never.") String restart,
        @About("How many VMs are wanted.") int replicas,
        @About("How many are ready.") int ready,
        @About("How many are on their way there.") int coming,
        @About("Each of them, by number.") List<ReplicaView> members,

        @About("What keeps it from being what is wanted.") @Nullable
        String trouble) {
    /** A workload as it is told. */
    public static WorkloadView of(State state) {
        return new WorkloadView(
                state.workload().name(),
                state.isLeaving() ? "deleting" : "wanted",
                WorkloadTemplate.of(state.workload().template()),
                state.workload().restart().word(),
                state.workload().replicas(),
                state.ready(),
                state.coming(),
                state.replicas().stream().map(ReplicaView::of).toList(),
                state.trouble());
    }
}
