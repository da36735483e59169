package dev.viber.api.rest;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.VmSpec;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A microVM to make. The names are those of the first Viper, whose clients send them. */
@SuppressWarnings("MemberName")
public record VmRequest(
        @About(value = "Its name, unique among the VMs there are.", example = "\"web-1\"")
        @Text(pattern = VmSpec.NAME_PATTERN)
        String name,

        @About(value = "Processors; 2 where it is not there.", example = "2") @Range(min = 1, max = 1024) @Nullable
        Integer cpu_cores,

        @About(value = "MiB of memory; 2048 where it is not there.", example = "2048")
        @Range(min = 64, max = 16_777_216)
        @Nullable
        Integer memory_mb,

        @About("Words appended to the kernel's command line.") @Text(max = 1024) @Nullable
        String kernel_cmdline,

        @About(value = "The hypervisor; the first that can run where it is not there.", example = "\"qemu\"") @Nullable
        String hypervisor,

        @About("What to do when it crashes; never where it is not there.") @Words({"never", "on-failure"}) @Nullable
        String restart,

        @About(
                value = "Networks it may reach beside the internet, which alone is open where it is not there.",
                example = "[\"10.1.2.0/24\"]")
        @Nullable
        List<String> egress,

        @About(
                value =
                        "The snapshot it begins as, which says its processors, memory, kernel and hypervisor; it boots where"
                                + " it is not there.",
                example = "\"logged-in\"")
        @Text(pattern = VmSpec.NAME_PATTERN)
        @Nullable
        String snapshot,

        @About(
                value = "Seconds nobody uses it before it stands by, until somebody does; never where it is not there.",
                example = "600")
        @Range(min = 1, max = 604_800)
        @Nullable
        Integer standby_s) {
    private static final int CPU_CORES = 2;
    private static final int MEMORY_MB = 2048;

    /** What is asked for, with what is usual where nothing was said. */
    public VmSpec spec() {
        if (snapshot != null
                && !Objects.equals(
                        this, new VmRequest(name, null, null, null, null, restart, egress, snapshot, standby_s))) {
            throw new ProblemException(
                    ProblemException.Kind.INVALID,
                    "cpu_cores, memory_mb, kernel_cmdline and hypervisor are the snapshot's; wanted a request without them");
        }
        return new VmSpec(
                name,
                cpu_cores == null ? CPU_CORES : cpu_cores,
                memory_mb == null ? MEMORY_MB : memory_mb,
                kernel_cmdline == null || kernel_cmdline.isEmpty() ? null : kernel_cmdline,
                hypervisor,
                "on-failure".equals(restart) ? VmSpec.Restart.ON_FAILURE : VmSpec.Restart.NEVER,
                egress,
                snapshot,
                standby_s == null ? null : Duration.ofSeconds(standby_s));
    }
}
