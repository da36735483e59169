package dev.viber.live.view;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be configured of the live view, under {@code dev.viber.live.view}. */
@ObjectClassDefinition(name = "Live view")
@interface LiveSettings {
    /** The configuration PID. */
    String PID = "dev.viber.live.view";

    @AttributeDefinition(description = "Milliseconds a driver whose connection broke may take to come back.")
    long grace_ms() default 15_000;

    @AttributeDefinition(description = "Milliseconds a person may drive before the browser is handed back.")
    long drive_ms() default 1_800_000;

    @AttributeDefinition(description = "Milliseconds a task's call waits while a person drives; then it is refused.")
    long wait_ms() default 600_000;

    @AttributeDefinition(description = "The most viewers of one VM.")
    int max_viewers() default 32;
}
