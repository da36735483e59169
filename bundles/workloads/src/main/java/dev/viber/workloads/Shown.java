package dev.viber.workloads;

import dev.viber.api.store.Workloads.ReplicaRow;
import dev.viber.api.vm.Vm;
import dev.viber.api.workload.ReplicaLifecycle.Phase;
import dev.viber.api.workload.Workload;
import dev.viber.api.workload.WorkloadDesk.Replica;
import dev.viber.api.workload.WorkloadDesk.State;
import dev.viber.workloads.WorkloadBook.Seen;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is told of a workload. */
final class Shown {
    /** A replica that has failed so often in a row is not waited for. */
    private static final int HOPELESS = 3;

    private Shown() {}

    /**
     * A workload as it is.
     *
     * @param trouble of the workload as a whole; null for none: then that of its replicas is told
     */
    static State state(Seen seen, Map<Long, Vm> vms, @Nullable String trouble) {
        Workload workload = seen.workload();
        List<Replica> shown = new ArrayList<>();
        int ready = 0;
        int staying = 0;
        int coming = 0;
        for (ReplicaRow row : seen.replicas()) {
            Vm vm = Plan.vm(row, vms);
            staying += row.phase() == Phase.LEAVING ? 0 : 1;
            switch (row.phase()) {
                case WANTED, LOST -> coming++;
                case UP -> {
                    ready += vm != null && vm.phase().isReady() ? 1 : 0;
                    coming += isComing(vm) ? 1 : 0;
                }
                default -> {} // neither: it has ended, or leaves
            }
            shown.add(new Replica(
                    row.number(),
                    workload.vm(row.number()),
                    row.phase(),
                    vm == null ? null : vm.phase(),
                    row.restarts(),
                    row.reason()));
        }
        if (!seen.row().isLeaving()) {
            coming += Math.max(0, workload.replicas() - staying); // those whose rows are not written yet
        }
        String told = trouble == null ? failing(seen) : trouble;
        return new State(workload, seen.row().isLeaving(), ready, coming, shown, told);
    }

    /** Whether a VM is on its way to be ready. */
    static boolean isComing(@Nullable Vm vm) {
        return vm != null
                && switch (vm.phase()) {
                    case PENDING, STARTING, RUNNING -> true;
                    default -> false;
                };
    }

    /** The replica that has failed most often in a row and is not up; null where there is none. */
    private static @Nullable String failing(Seen seen) {
        ReplicaRow worst = null;
        for (ReplicaRow row : seen.replicas()) {
            boolean isDown = row.phase() == Phase.WANTED || row.phase() == Phase.LOST;
            if (isDown && row.failures() > (worst == null ? 0 : worst.failures())) {
                worst = row;
            }
        }
        return worst == null ? null : told(worst);
    }

    /** Why it will not be what is wanted; null where it may. */
    static @Nullable String hopeless(Seen seen) {
        for (ReplicaRow row : seen.replicas()) {
            if (row.phase() == Phase.LEAVING || row.number() > seen.row().replicas()) {
                continue; // it goes, whatever became of it
            }
            if (row.phase() == Phase.ENDED) {
                return "replica %d has ended: %s".formatted(row.number(), row.reason());
            }
            if (row.phase() != Phase.UP && row.failures() >= HOPELESS) {
                return told(row);
            }
        }
        return null;
    }

    private static String told(ReplicaRow row) {
        String reason = String.valueOf(row.reason()).lines().findFirst().orElse("");
        return "replica %d has failed, %d in a row%s: %s"
                .formatted(
                        row.number(),
                        row.failures(),
                        row.notBefore() == null
                                ? ""
                                : ", and is made again at " + row.notBefore().truncatedTo(ChronoUnit.SECONDS),
                        reason);
    }
}
