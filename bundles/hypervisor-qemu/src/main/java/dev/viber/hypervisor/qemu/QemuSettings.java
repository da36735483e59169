package dev.viber.hypervisor.qemu;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be configured of QEMU, under {@code dev.viber.hypervisor.qemu}. */
@ObjectClassDefinition(name = "QEMU")
@interface QemuSettings {
    /** The configuration PID. */
    String PID = "dev.viber.hypervisor.qemu";

    @AttributeDefinition(description = "The program: a path, or a name that is looked for in PATH")
    String binary() default "qemu-system-x86_64";

    @AttributeDefinition(
            description = "The machine: q35; or microvm, which starts sooner, hears no power button, and wants a kernel"
                    + " with virtio_mmio built in (Debian's has it as a module)")
    String machine() default "q35";

    @AttributeDefinition(description = "kvm or tcg (emulation); auto takes KVM where a guest really boots under it")
    String accelerator() default "auto";

    @AttributeDefinition(description = "MiB of host memory for translated code of each emulated machine")
    int tb_size_mb() default 256;

    @AttributeDefinition(description = "A file that keeps over restarts what was probed; empty for none")
    String probe_file() default "";

    @AttributeDefinition(description = "Seconds a guest may take to prove KVM; ten times that under emulation")
    int probe_limit_s() default 5;

    @AttributeDefinition(description = "Milliseconds QEMU may take to answer a command")
    int answer_limit_ms() default 20_000;
}
