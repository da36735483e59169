package dev.viber.supervisor;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be set about the supervisor of microVMs. */
@ObjectClassDefinition(name = "Supervisor of microVMs")
@interface SupervisorSettings {
    /** The configuration's name. */
    String PID = "dev.viber.supervisor";

    @AttributeDefinition(
            description = "The folder of the machines' sockets; kept short, as paths of sockets are bounded.")
    String run();

    @AttributeDefinition(description = "The folder of what consoles and hypervisors print.")
    String logs();

    @AttributeDefinition(description = "The folder of snapshots.")
    String snapshots();

    @AttributeDefinition(description = "The folder the image pipeline has filled: kernel, initramfs, root.")
    String images() default "";

    @AttributeDefinition(description = "The kernel; empty for vmlinux-x86_64 in the folder of images.")
    String kernel() default "";

    @AttributeDefinition(
            description = "The initramfs; empty for the one in the folder of images that goes with the root.")
    String initramfs() default "";

    @AttributeDefinition(
            description = "The root file system image; empty for viper-root.erofs in the folder of images.")
    String root() default "";

    @AttributeDefinition(description = "The most processors of one VM.")
    int max_cpu_cores() default 64;

    @AttributeDefinition(description = "The most MiB of memory of one VM.")
    int max_memory_mb() default 1_048_576;

    @AttributeDefinition(description = "Milliseconds an address rests before another VM may get it.")
    long quarantine_ms() default 60_000;

    @AttributeDefinition(description = "Milliseconds a hypervisor may take until it answers.")
    long launch_ms() default 20_000;

    @AttributeDefinition(description = "Milliseconds a guest may take to end by itself before it is ended.")
    long stop_ms() default 10_000;

    @AttributeDefinition(
            description = "Milliseconds a guest may take to announce itself before that is called a failure.")
    long ready_ms() default 300_000;
}
