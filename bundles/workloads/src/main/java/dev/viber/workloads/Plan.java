package dev.viber.workloads;

import dev.viber.api.store.Workloads.ReplicaRow;
import dev.viber.api.store.Workloads.WorkloadRow;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle;
import dev.viber.api.workload.ReplicaLifecycle.Phase;
import dev.viber.api.workload.ReplicaLifecycle.Trigger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is to be written next about a workload: a function of what is wanted, what is written, and the VMs there are.
 *
 * <p>The replicas of a workload that wants N are those of the numbers 1 to N.
 *
 * @param added numbers of replicas that are to be
 * @param steps of replicas that are there
 */
record Plan(List<Integer> added, List<Step> steps) {
    /** A VM whose guest was ready for so long has not failed in a row with those before it. */
    static final Duration WELL = Duration.ofMinutes(1);

    /**
     * A step of a replica's life.
     *
     * @param reason null where there is none to tell
     * @param failures in a row, with this one
     */
    record Step(int number, Trigger trigger, @Nullable String reason, int failures) {}

    /**
     * The next steps.
     *
     * @param vms by id
     * @param busy numbers of replicas about which something is being done: what comes of it is written first
     */
    static Plan of(WorkloadRow workload, List<ReplicaRow> replicas, Map<Long, Vm> vms, Set<Integer> busy) {
        int wanted = workload.isLeaving() ? 0 : workload.replicas();
        List<Step> steps = new ArrayList<>();
        for (ReplicaRow replica : replicas) {
            Step step = busy.contains(replica.number()) ? null : step(workload, replica, vms, wanted);
            if (step != null) {
                steps.add(step);
            }
        }
        Set<Integer> there = replicas.stream().map(ReplicaRow::number).collect(Collectors.toSet());
        List<Integer> added = IntStream.rangeClosed(1, wanted)
                .filter(number -> !there.contains(number))
                .boxed()
                .toList();
        return new Plan(added, steps);
    }

    boolean isEmpty() {
        return added.isEmpty() && steps.isEmpty();
    }

    private static @Nullable Step step(WorkloadRow workload, ReplicaRow replica, Map<Long, Vm> vms, int wanted) {
        if (replica.number() > wanted) {
            return replica.phase() == Phase.LEAVING ? null : plain(replica, Trigger.LEAVE);
        }
        if (replica.phase() != Phase.UP && replica.phase() != Phase.ENDED) {
            return null;
        }
        Vm vm = vm(replica, vms);
        if (vm == null || vm.phase() == VmLifecycle.Phase.DELETING) {
            return new Step(replica.number(), Trigger.LOST, "its VM was deleted", 0);
        }
        if (!hasEnded(vm)) {
            return replica.phase() == Phase.ENDED ? plain(replica, Trigger.REVIVED) : null;
        }
        if (workload.restart().replaces(vm.phase())) {
            int failures = ranWell(vm) ? 1 : replica.failures() + 1;
            return new Step(replica.number(), Trigger.LOST, why(vm), failures);
        }
        return replica.phase() == Phase.ENDED
                ? null
                : new Step(replica.number(), Trigger.ENDED, why(vm), replica.failures());
    }

    private static Step plain(ReplicaRow replica, Trigger trigger) {
        return new Step(replica.number(), trigger, replica.reason(), replica.failures());
    }

    /** The VM that is this replica; null where it is gone, or was never made. */
    static @Nullable Vm vm(ReplicaRow replica, Map<Long, Vm> vms) {
        return replica.vmId() == null ? null : vms.get(replica.vmId());
    }

    private static boolean hasEnded(Vm vm) {
        return switch (vm.phase()) {
            case STOPPED, CRASHED, FAILED -> true;
            default -> false;
        };
    }

    private static String why(Vm vm) {
        String error = vm.error();
        return error == null ? "its VM is " + vm.phase().word() : error;
    }

    private static boolean ranWell(Vm vm) {
        Instant ready = vm.readyAt();
        return ready != null && Duration.between(ready, vm.updatedAt()).compareTo(WELL) >= 0;
    }
}
