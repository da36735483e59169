package dev.viber.api.rest;

import dev.viber.api.workload.WorkloadDesk.Replica;
import org.jspecify.annotations.Nullable;

/** A replica as it is told. */
public record ReplicaView(
        @About("From 1 to as many as are wanted; those beyond leave.")
        int number,

        @About(value = "The name of its VM.", example = "\"web-1\"")
        String vm,

        @About("wanted, up, ended, lost or leaving.") String state,

        @About("Where its VM stands, as GET /vms has it; null while there is none.") @Nullable
        String phase,

        @About("How often its VM was lost, and is or was replaced.")
        int restarts,

        @About("Why its VM was lost, ended or could not be made last.") @Nullable
        String reason) {
    /** A replica as it is told. */
    public static ReplicaView of(Replica replica) {
        return new ReplicaView(
                replica.number(),
                replica.vm(),
                replica.state().word(),
                replica.phase() == null ? null : replica.phase().word(),
                replica.restarts(),
                replica.reason());
    }
}
