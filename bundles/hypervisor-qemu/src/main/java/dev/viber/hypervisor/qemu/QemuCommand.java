package dev.viber.hypervisor.qemu;

import dev.viber.api.vm.Machine;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * QEMU's command line for machines.
 *
 * @param program QEMU
 * @param type {@code q35} or {@code microvm}
 * @param accelerator {@code kvm} or {@code tcg}
 * @param tbSizeMb MiB for translated code under {@code tcg}
 */
record QemuCommand(Path program, String type, String accelerator, int tbSizeMb) {
    private static final int LONGEST_FOLDER = 80;
    private static final String MEMORY = "memory";

    /** Where the process of a machine speaks QMP. */
    static Path qmpSocket(Machine machine) {
        return machine.folder().resolve("qmp.sock");
    }

    /** Where it hands the control channel on. */
    static Path controlSocket(Machine machine) {
        return machine.folder().resolve("control.sock");
    }

    /** What every QEMU of ours is started with. */
    List<String> base() {
        List<String> line = new ArrayList<>(List.of(program.toString()));
        line.addAll(List.of("-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"));
        // No guest memory in a core dump. Under microvm ACPI is off: with it Debian's kernel hangs when emulated.
        line.addAll(List.of("-machine", type + (isMicrovm() ? ",acpi=off" : "") + ",dump-guest-core=off"));
        line.addAll(processor());
        line.addAll(List.of("-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"));
        return line;
    }

    private List<String> processor() {
        if (accelerator.equals("kvm")) {
            return List.of("-accel", "kvm", "-cpu", "host");
        }
        return List.of("-accel", "tcg,thread=multi,tb-size=" + tbSizeMb, "-cpu", "max");
    }

    /** The whole line for a machine. */
    List<String> of(Machine machine) {
        check(machine);
        List<String> line = base();
        line.addAll(List.of("-name", "guest=" + escaped(machine.name())));
        line.addAll(List.of("-msg", "timestamp=on"));
        line.addAll(List.of("-smp", Integer.toString(machine.cpuCores())));
        line.addAll(List.of("-m", machine.memoryMb() + "M"));
        line.addAll(memory(machine));
        line.addAll(List.of("-kernel", machine.kernel().toString()));
        Path initrd = machine.initrd();
        if (initrd != null) {
            line.addAll(List.of("-initrd", initrd.toString()));
        }
        line.addAll(List.of("-append", ("console=ttyS0 " + machine.cmdline()).strip()));
        // The file has what the console prints; the pipe is for what is typed.
        line.addAll(List.of(
                "-chardev",
                "pipe,id=serial,path=%s,logfile=%s,logappend=on"
                        .formatted(escaped(QemuConsole.path(machine)), escaped(machine.serial()))));
        line.addAll(List.of("-serial", "chardev:serial"));
        // In this order: see QemuMonitor.attach.
        line.addAll(List.of("-chardev", "socket,id=qmp,server=on,wait=off,path=" + escaped(qmpSocket(machine))));
        line.addAll(List.of("-mon", "chardev=qmp,mode=control"));
        line.addAll(
                List.of("-chardev", "socket,id=control,server=on,wait=off,path=" + escaped(controlSocket(machine))));
        line.addAll(List.of("-device", device("virtio-serial")));
        line.addAll(List.of("-device", "virtserialport,chardev=control,name=viper.control"));
        line.addAll(List.of("-object", "rng-builtin,id=rng", "-device", device("virtio-rng") + ",rng=rng"));
        line.addAll(List.of("-device", "pvpanic"));
        Path root = machine.root();
        if (root != null) {
            // Without a lock, so that all machines can have it.
            line.addAll(List.of(
                    "-blockdev",
                    "driver=raw,node-name=root,read-only=on,file.driver=file,file.locking=off,file.filename="
                            + escaped(root)));
            line.addAll(List.of("-device", device("virtio-blk") + ",drive=root"));
        }
        Machine.Nic nic = machine.nic();
        if (nic != null) {
            line.addAll(
                    List.of("-netdev", "tap,id=net,script=no,downscript=no,vhost=off,ifname=" + escaped(nic.tap())));
            // No network boot, whose program would be looked for.
            String rom = isMicrovm() ? "" : ",romfile=";
            line.addAll(List.of("-device", device("virtio-net") + ",netdev=net" + rom + ",mac=" + escaped(nic.mac())));
        }
        return line;
    }

    /** Memory as a file of no folder, which can be read from outside; of a clone, the snapshot's, with changes of its own. */
    private static List<String> memory(Machine machine) {
        String backend = ",id=" + MEMORY + ",size=" + machine.memoryMb() + "M,prealloc=off";
        List<String> line = new ArrayList<>(List.of("-machine", "memory-backend=" + MEMORY, "-object"));
        Path template = machine.template();
        if (template != null && QemuSnapshot.hasMemory(template)) {
            line.add("memory-backend-file" + backend + ",share=off,mem-path=" + escaped(QemuSnapshot.memory(template)));
        } else {
            line.add("memory-backend-memfd" + backend + ",share=on");
        }
        if (template != null) {
            // It stands still until it is told who it is.
            line.addAll(List.of("-S", "-incoming", "defer"));
        }
        return line;
    }

    private static void check(Machine machine) {
        int length = machine.folder().toString().getBytes(StandardCharsets.UTF_8).length;
        if (!machine.folder().isAbsolute() || length > LONGEST_FOLDER) {
            throw new IllegalArgumentException("the folder '%s' of '%s': wanted an absolute path of at most %d bytes"
                    .formatted(machine.folder(), machine.name(), LONGEST_FOLDER));
        }
        if (machine.cpuCores() < 1 || machine.memoryMb() < 1) {
            throw new IllegalArgumentException("'%s' has %d processors and %d MiB: wanted at least 1 of each"
                    .formatted(machine.name(), machine.cpuCores(), machine.memoryMb()));
        }
    }

    private String device(String name) {
        return name + (isMicrovm() ? "-device" : "-pci");
    }

    private boolean isMicrovm() {
        return type.equals("microvm");
    }

    /** In QEMU's options a comma ends a value, and two are one. */
    private static String escaped(Object value) {
        return value.toString().replace(",", ",,");
    }
}
