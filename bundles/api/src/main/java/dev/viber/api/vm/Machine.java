package dev.viber.api.vm;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A machine for a hypervisor to run: all it has to know, and nothing of leases or journals.
 *
 * @param name for people and for the process list
 * @param folder its own, mode 0700: the hypervisor's sockets lie there; at most 80 bytes long, since paths of sockets are
 *     bounded
 * @param cpuCores from 1
 * @param memoryMb MiB
 * @param kernel an uncompressed kernel with a PVH note
 * @param initrd null for none
 * @param root a read-only file system image, which all machines share; null where the initrd holds everything
 * @param cmdline the whole line for the kernel, the console's name left out
 * @param nic null for a machine without a network
 * @param serial a file the console's output is appended to
 * @param template the folder of a snapshot, as {@link Monitor#snapshot} left it, whose machine this is to be; it is only
 *     read. Null for a machine that boots
 */
public record Machine(
        String name,
        Path folder,
        int cpuCores,
        int memoryMb,
        Path kernel,
        @Nullable Path initrd,
        @Nullable Path root,
        String cmdline,
        @Nullable Nic nic,
        Path serial,
        @Nullable Path template) {
    /**
     * Its network card.
     *
     * @param tap the host's end
     * @param mac the guest's end
     */
    public record Nic(String tap, String mac) {}
}
