package dev.viber.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@code viber doctor} looks at of microVMs, which nothing else needs. */
final class VmChecks {
    private VmChecks() {}

    /** Whether a hypervisor can be started; whether KVM serves it is found out by the server, with a guest. */
    static List<Finding> hypervisor(Patient patient) {
        return List.of(patient.program("cloud-hypervisor", "qemu-system-x86_64")
                .map(file -> Finding.ok(
                        "hypervisor",
                        file
                                + (Files.isWritable(Path.of("/dev/kvm"))
                                        ? "; /dev/kvm is there, and proven with a guest at the first VM"
                                        : "; without /dev/kvm VMs are emulated, and slow")))
                .orElseGet(() -> Finding.skip(
                        "hypervisor", "none found; only microVMs need one", "apt-get install qemu-system-x86")));
    }

    /** Whether the network of VMs can be made. */
    static List<Finding> network(Patient patient) {
        List<Finding> found = new ArrayList<>();
        for (String program : List.of("ip", "nft")) {
            if (patient.program(program).isEmpty()) {
                found.add(Finding.skip(
                        "vm network",
                        program + " is not here; only microVMs need it",
                        "apt-get install iproute2 nftables"));
            }
        }
        return found.isEmpty()
                ? List.of(Finding.ok("vm network", "ip and nft are here; viper setup makes the rest"))
                : found;
    }

    /** Whether there is something to boot from. */
    static List<Finding> image(Patient patient) {
        Path images = ImageCommand.folder(patient.environment());
        return List.of(
                images != null && Files.exists(images.resolve("vmlinux-x86_64"))
                        ? Finding.ok("vm image", images.toString())
                        : Finding.skip("vm image", "there is none; only microVMs need one", "viper image build"));
    }
}
