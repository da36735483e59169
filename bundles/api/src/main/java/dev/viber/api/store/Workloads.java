package dev.viber.api.store;

import dev.viber.api.workload.ReplicaLifecycle;
import dev.viber.api.workload.Workload;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** Workloads and their replicas, inside one change or question. */
@ProviderType
public interface Workloads {
    /**
     * A workload as stored.
     *
     * @param id 0 for one to be inserted
     * @param isLeaving whether it is on its way out
     * @param template JSON text of what its VMs are made from
     */
    record WorkloadRow(
            long id,
            String name,
            boolean isLeaving,
            String template,
            int replicas,
            Workload.Restart restart,
            Instant createdAt,
            Instant updatedAt) {}

    /**
     * A replica as stored.
     *
     * @param vmId the VM that is it, or was it last; null before the first was made
     * @param restarts how often its VM was lost
     * @param failures how often it failed in a row, which says how long the next attempt waits
     * @param reason of the last loss or failure; null before the first
     * @param notBefore when the next attempt may be made; null for at once
     */
    record ReplicaRow(
            long workloadId,
            int number,
            ReplicaLifecycle.Phase phase,
            @Nullable Long vmId,
            int restarts,
            int failures,
            @Nullable String reason,
            @Nullable Instant notBefore) {}

    /** Adds a workload; returns its id. Throws {@link StoreException} where its name is there already. */
    long insert(WorkloadRow row);

    /** Replaces the row of the same id. */
    void update(WorkloadRow row);

    /** The workload of this name. */
    Optional<WorkloadRow> find(String name);

    /** All of them, by name. */
    List<WorkloadRow> list();

    /** Removes a workload; its replicas go first. */
    void delete(long id);

    /** The replicas of a workload, by number. */
    List<ReplicaRow> replicas(long id);

    /** Adds or replaces a replica. */
    void put(ReplicaRow row);

    /** Removes a replica. */
    void delete(long id, int number);
}
