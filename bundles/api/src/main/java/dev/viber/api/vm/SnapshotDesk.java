package dev.viber.api.vm;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/**
 * Where clients have microVMs kept and multiplied; the supervisor stands behind it. VMs are made from a snapshot by {@link
 * VmDesk#create} with {@link VmSpec#snapshot()}.
 *
 * <p>Promises resolve when what was asked for is durable, and fail with a {@code ProblemException} where it cannot be.
 */
@ProviderType
public interface SnapshotDesk {
    /**
     * Keeps what a VM is now, under a name. The VM stands still meanwhile (some tenths of a second for each GiB in use), and
     * is then as it was: its processes, pages and connections go on.
     */
    Promise<Snapshot> snapshot(String vm, String name);

    /** Snapshots, oldest first. */
    List<Snapshot> snapshots();

    /** The snapshot of this name. */
    Optional<Snapshot> findSnapshot(String name);

    /** Removes a snapshot; VMs made from it go on. */
    Promise<Snapshot> deleteSnapshot(String name);

    /**
     * Makes VMs of these names that are what this one is now, pages and logins included, each with an address, a card, a
     * machine id and random numbers of its own; resolves when their processes run. All or none: where one cannot be made,
     * none is left.
     */
    Promise<List<Vm>> fork(String vm, List<String> names);
}
