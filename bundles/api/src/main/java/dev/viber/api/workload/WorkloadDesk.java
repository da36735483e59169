package dev.viber.api.workload;

import dev.viber.api.vm.VmLifecycle;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/**
 * Where workloads are asked for; whoever stands behind it brings what there is to what is wanted.
 *
 * <p>Promises resolve when what was asked for is durable, and fail with a {@code ProblemException} where it cannot be.
 */
@ProviderType
public interface WorkloadDesk {
    /**
     * One of the VMs that are wanted.
     *
     * @param number from 1, unique in its workload; the newest are those of the highest numbers
     * @param vm the name of its VM, which may not be there at the moment
     * @param phase where that VM stands; null while there is none
     * @param restarts how often its VM was lost
     * @param reason why it was lost, ended or could not be made last; null where it never was
     */
    record Replica(
            int number,
            String vm,
            ReplicaLifecycle.Phase state,
            VmLifecycle.@Nullable Phase phase,
            int restarts,
            @Nullable String reason) {}

    /**
     * A workload as it is now.
     *
     * @param isLeaving whether it is on its way out
     * @param ready replicas whose guests are ready
     * @param coming replicas on their way there
     * @param replicas by number; more than are wanted while some leave
     * @param trouble what keeps it from being what is wanted; null for nothing
     */
    record State(
            Workload workload,
            boolean isLeaving,
            int ready,
            int coming,
            List<Replica> replicas,
            @Nullable String trouble) {}

    /** Workloads, by name. */
    List<State> list();

    /** The workload of this name. */
    Optional<State> find(String name);

    /** Makes a workload; its VMs come one after the other. */
    Promise<State> create(Workload workload);

    /** Changes how many replicas are wanted, or which are replaced; null leaves it as it is. */
    Promise<State> change(String name, @Nullable Integer replicas, Workload.@Nullable Restart restart);

    /** Removes a workload: when this resolves none of its VMs is left. */
    Promise<State> delete(String name);

    /**
     * Resolves when as many replicas are ready as are wanted, and no others are left, at once where it is so; fails where
     * that will not be: one has ended for good or fails again and again, or the workload is deleted. Fails with a
     * {@link java.util.concurrent.CancellationException} where this desk leaves: the next one can be asked.
     */
    Promise<State> settled(String name);
}
