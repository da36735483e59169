package dev.viber.hypervisor.cloud;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be configured of Cloud Hypervisor, under {@code dev.viber.hypervisor.cloud}. */
@ObjectClassDefinition(name = "Cloud Hypervisor")
@interface CloudSettings {
    /** The configuration PID. */
    String PID = "dev.viber.hypervisor.cloud";

    @AttributeDefinition(
            description = "The program: a path, or a name that is looked for in PATH; empty for what the environment"
                    + " variable CLOUD_HYPERVISOR says, else cloud-hypervisor")
    String binary() default "";

    @AttributeDefinition(description = "Whether each process is confined to its own files by Landlock")
    boolean landlock() default true;

    @AttributeDefinition(description = "A file that keeps over restarts what was probed; empty for none")
    String probe_file() default "";

    @AttributeDefinition(description = "Seconds a guest may take to prove KVM")
    int probe_limit_s() default 5;

    @AttributeDefinition(description = "Milliseconds a call may take; calls to one process wait for each other")
    int answer_limit_ms() default 20_000;

    @AttributeDefinition(
            description = "Milliseconds to wait for a guest that does not listen on its control channel yet")
    int control_limit_ms() default 30_000;
}
