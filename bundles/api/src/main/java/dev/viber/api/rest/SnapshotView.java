package dev.viber.api.rest;

import dev.viber.api.vm.Snapshot;
import java.time.Instant;

/** A snapshot as it is told. */
@SuppressWarnings("MemberName")
public record SnapshotView(
        @About("Unique for ever.") long id,

        @About(value = "Unique among the snapshots there are.", example = "\"logged-in\"")
        String name,

        @About(value = "The VM it is of, which need not be there any more.", example = "\"web-1\"")
        String vm,

        @About("Processors of what is made from it.") int cpu_cores,
        @About("MiB of memory of what is made from it.") int memory_mb,

        @About(value = "The hypervisor that made it.", example = "\"qemu\"")
        String hypervisor,

        @About(value = "Whether by hardware or emulated.", example = "\"kvm\"")
        String accelerator,

        @About(
                value = "What must be the same where it is restored: hypervisor, processor, image.",
                example = "\"qemu 7.2.22 q35 tcg max, image 0123456789abcdef\"")
        String bound_to,

        @About("Of its files; memory that was never used takes no room on the disk.")
        long bytes,

        @About("The digest of all its files.") String sha256,
        @About("When it was made.") Instant created_at) {
    /** A snapshot as it is told. */
    public static SnapshotView of(Snapshot snapshot) {
        return new SnapshotView(
                snapshot.id(),
                snapshot.name(),
                snapshot.vm(),
                snapshot.cpuCores(),
                snapshot.memoryMb(),
                snapshot.hypervisor(),
                snapshot.accelerator(),
                snapshot.boundTo(),
                snapshot.bytes(),
                snapshot.sha256(),
                snapshot.createdAt());
    }
}
