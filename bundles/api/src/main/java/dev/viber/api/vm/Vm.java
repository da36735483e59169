package dev.viber.api.vm;

import dev.viber.api.vm.VmLifecycle.Phase;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A microVM as it is now.
 *
 * @param id unique for ever
 * @param pid the hypervisor's process; null while there is none
 * @param kernelCmdline the whole line the kernel was given; null before the first start
 * @param hypervisor the one it runs under; null before the first start
 * @param accelerator {@code kvm} or {@code tcg}; null before the first start
 * @param error why it failed or crashed, with the last lines of its console; null where it did not
 * @param guest what the guest announced, such as {@code browser}; empty before it did
 * @param startedAt the last start of its process
 * @param readyAt when the guest announced itself after that
 */
public record Vm(
        long id,
        VmSpec spec,
        Phase phase,
        @Nullable Long pid,
        Lease lease,
        @Nullable String kernelCmdline,
        @Nullable String hypervisor,
        @Nullable String accelerator,
        @Nullable String error,
        Map<String, String> guest,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant startedAt,
        @Nullable Instant readyAt) {
    /** The topics of what happens to VMs: {@code vm/<name>}. */
    public static final String TOPIC = "vm/";

    /** A copy of what may change under it. */
    public Vm {
        guest = Map.copyOf(guest);
    }

    /** Its name, unique among those that are there. */
    public String name() {
        return spec.name();
    }
}
