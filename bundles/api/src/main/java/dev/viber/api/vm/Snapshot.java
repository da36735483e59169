package dev.viber.api.vm;

import java.time.Instant;

/**
 * What a microVM was at one instant, kept to be made again any number of times.
 *
 * @param id unique for ever
 * @param name unique among those that are there, well-formed as a VM's
 * @param vm the name of the VM it is of, which need not be there any more
 * @param cpuCores of every VM made from it
 * @param memoryMb MiB, of every VM made from it
 * @param hypervisor the one that made it, and can restore it
 * @param accelerator {@code kvm} or {@code tcg}
 * @param boundTo what must be the same where it is restored: hypervisor, processor, image
 * @param bytes what it takes on the disk
 * @param sha256 of all its files
 */
public record Snapshot(
        long id,
        String name,
        String vm,
        int cpuCores,
        int memoryMb,
        String hypervisor,
        String accelerator,
        String boundTo,
        long bytes,
        String sha256,
        Instant createdAt) {
    /** The topics of what happens to snapshots: {@code snapshot/<name>}. */
    public static final String TOPIC = "snapshot/";
}
