package dev.viber.tool.browser;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be set about the browsers of tasks. */
@ObjectClassDefinition(name = "Viber browser tools")
@interface Settings {
    /** The configuration's name. */
    String PID = "dev.viber.tool.browser";

    @AttributeDefinition(description = "The folder of saved profiles, which are encrypted, and of their key.")
    String profiles() default "";

    @AttributeDefinition(
            description =
                    "The only kind of service that tasks have browsers of: vm (microVMs of this process), server (of the"
                            + " gateway), local (processes of this machine); empty for the first in this order that can give one.")
    String kind() default "";

    @AttributeDefinition(description = "How long a task's browser may last, in milliseconds.")
    long limit_ms() default 3_600_000;

    @AttributeDefinition(description = "How long a call waits for a browser where all are taken, in milliseconds.")
    long patience_ms() default 300_000;

    @AttributeDefinition(description = "How long a call waits for a service that has browsers, in milliseconds.")
    long service_patience_ms() default 10_000;

    @AttributeDefinition(
            description =
                    "What tasks' browsers may reach beside the internet: networks, as 10.1.2.0/24, and services, as 10.1.2.3:443.")
    String[] egress() default {};
}
