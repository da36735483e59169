package dev.viber.workloads;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Workloads.ReplicaRow;
import dev.viber.api.store.Workloads.WorkloadRow;
import dev.viber.api.vm.SnapshotDesk;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.workload.Workload;
import java.lang.reflect.InvocationTargetException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.osgi.util.promise.Promise;

/** The VMs of replicas, at the desk of whichever supervisor there is. */
final class Replicas {
    private final Gate<VmDesk> vms;
    private final Gate<SnapshotDesk> snapshots;

    Replicas(Gate<VmDesk> vms, Gate<SnapshotDesk> snapshots) {
        this.vms = vms;
        this.snapshots = snapshots;
    }

    /** What a replica's VM is made under: kept with the VM's row from its first moment to its last. */
    static String key(WorkloadRow workload, int number) {
        return "workload/%d/%d".formatted(workload.id(), number);
    }

    /** All VMs there are. */
    Map<Long, Vm> byId() {
        return vms.call(desk -> desk.list().stream().collect(Collectors.toMap(Vm::id, Function.identity())));
    }

    Optional<Vm> findMade(String key) {
        return vms.call(desk -> desk.findMade(key));
    }

    /** Refuses a template of which no VM could ever be made. */
    void check(Workload workload) {
        vms.call(desk -> {
            desk.check(workload.template().vm(workload.vm(Workload.MOST)));
            return true;
        });
        memoryMb(workload.template());
    }

    /** MiB that another VM will take: a clone shares what it does not change. */
    long memoryMb(Workload.Template template) {
        String snapshot = template.snapshot();
        if (snapshot == null) {
            return template.memoryMb();
        }
        return snapshots
                        .call(desk -> desk.findSnapshot(snapshot))
                        .orElseThrow(() -> ProblemException.notFound("snapshot", snapshot))
                        .memoryMb()
                / 2;
    }

    /** Makes the VM of a replica, or finds it where it was made before; returns when its process runs. */
    Vm make(Workload workload, int number, String key) throws InterruptedException {
        return await(vms.callAsync(desk -> desk.create(workload.template().vm(workload.vm(number)), key)))
                .vm();
    }

    /** Removes the VM of a replica, if there is one, and returns when nothing is left of it. */
    void remove(ReplicaRow replica, String key) throws InterruptedException {
        Vm vm = findMade(key).orElse(null);
        if (vm == null && replica.vmId() != null) {
            vm = byId().get(replica.vmId());
        }
        if (vm == null) {
            return;
        }
        String name = vm.name();
        try {
            await(vms.callAsync(desk -> desk.delete(name)));
        } catch (ProblemException e) {
            if (e.kind() != ProblemException.Kind.NOT_FOUND) {
                throw e;
            }
        }
    }

    /** What a promise comes to; the problem it fails with is thrown as it is. */
    private static <T> T await(Promise<T> promise) throws InterruptedException {
        try {
            return promise.getValue();
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof ProblemException problem) {
                throw problem;
            }
            throw new ProblemException(ProblemException.Kind.UNAVAILABLE, String.valueOf(e.getCause()));
        }
    }
}
