package dev.viber.api.rest;

import dev.viber.api.vm.VmSpec;
import dev.viber.api.workload.Workload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the VMs of a workload are made from: a {@link VmRequest} without name and policy. */
@SuppressWarnings("MemberName")
public record WorkloadTemplate(
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

        @About("Networks and services they may reach beside the internet, which alone is open where it is not there.")
        @Nullable
        List<String> egress,

        @About(
                value =
                        "The snapshot they begin as, which says their processors, memory, kernel and hypervisor; they boot"
                                + " where it is not there.",
                example = "\"logged-in\"")
        @Text(pattern = VmSpec.NAME_PATTERN)
        @Nullable
        String snapshot,

        @About(
                value =
                        "Seconds after which one that nobody uses stands still, and is back on the first byte; never where it is not there.",
                example = "600")
        @Range(min = 1, max = 604_800)
        @Nullable
        Integer standby_s) {
    /** What is asked for, with what is usual where nothing was said. */
    Workload.Template template() {
        VmSpec usual = new VmRequest(
                        "any", cpu_cores, memory_mb, kernel_cmdline, hypervisor, null, egress, snapshot, standby_s)
                .spec();
        return new Workload.Template(
                usual.cpuCores(),
                usual.memoryMb(),
                usual.kernelCmdline(),
                usual.hypervisor(),
                usual.egress(),
                usual.snapshot(),
                usual.standby());
    }

    /** A template as it is told: what a snapshot says is not said again. */
    static WorkloadTemplate of(Workload.Template template) {
        boolean boots = template.snapshot() == null;
        return new WorkloadTemplate(
                boots ? template.cpuCores() : null,
                boots ? template.memoryMb() : null,
                template.kernelCmdline(),
                template.hypervisor(),
                template.egress(),
                template.snapshot(),
                template.standby() == null ? null : (int) template.standby().toSeconds());
    }
}
