package dev.viber.api.rest;

import dev.viber.api.vm.Vm;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A microVM as it is told. The first names are those of the first Viper, whose clients read them. */
@SuppressWarnings("MemberName")
public record VmView(
        @About("Unique for ever.") long id,

        @About(value = "Unique among the VMs there are.", example = "\"web-1\"")
        String name,

        @About("The first Viper's word for where it stands.")
        @Words({"pending", "starting", "running", "stopped", "crashed"})
        String status,

        @About(
                "Where it stands; ready: its guest announced itself; standby: nobody used it, and it wakes for who does.")
        @Words({
            "pending",
            "starting",
            "running",
            "ready",
            "paused",
            "standby",
            "stopping",
            "stopped",
            "crashed",
            "failed",
            "deleting",
            "deleted"
        })
        String phase,

        @About("The hypervisor's process.") @Nullable Long pid,

        @About(value = "Its address.", example = "\"192.168.127.2\"")
        String ip_address,

        @About(value = "Its network card's.", example = "\"0a:58:c0:a8:7f:02\"")
        String mac_address,

        @About("Processors.") int cpu_cores,
        @About("MiB of memory.") int memory_mb,

        @About("The whole line its kernel was given.") @Nullable
        String kernel_cmdline,

        @About("The hypervisor it runs under.") @Nullable String hypervisor,

        @About(value = "Whether by hardware or emulated.", example = "\"kvm\"") @Nullable
        String accelerator,

        @About("What to do when it crashes.") @Words({"never", "on-failure"})
        String restart,

        @About("The snapshot it was made from.") @Nullable String snapshot,

        @About("Seconds nobody uses it before it stands by.") @Nullable
        Long standby_s,

        @About("Why it failed or crashed, with the last lines of its console.") @Nullable
        String error,

        @About("What its guest announced, such as its browser's version.")
        Map<String, String> guest,

        @About("When it was made.") Instant created_at,
        @About("When anything of this last changed.") Instant updated_at,

        @About("When its process was last started.") @Nullable
        Instant started_at,

        @About("When its guest announced itself after that.") @Nullable
        Instant ready_at) {
    /** A VM as it is told. */
    public static VmView of(Vm vm) {
        Duration standby = vm.spec().standby();
        return new VmView(
                vm.id(),
                vm.name(),
                vm.phase().status().word(),
                vm.phase().word(),
                vm.pid(),
                vm.lease().ipAddress(),
                vm.lease().macAddress(),
                vm.spec().cpuCores(),
                vm.spec().memoryMb(),
                vm.kernelCmdline(),
                vm.hypervisor(),
                vm.accelerator(),
                vm.spec().restart().word(),
                vm.spec().snapshot(),
                standby == null ? null : standby.toSeconds(),
                vm.error(),
                vm.guest(),
                vm.createdAt(),
                vm.updatedAt(),
                vm.startedAt(),
                vm.readyAt());
    }
}
