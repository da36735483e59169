package dev.viber.rest;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration {@code dev.viber.rest}. */
@ObjectClassDefinition(name = "REST", description = "Limits of the REST interface.")
public @interface RestConfig {
    /** Largest request body, in bytes; a larger one is answered with 413. */
    @AttributeDefinition(description = "Largest request body, in bytes.")
    int max_body_bytes() default 8 * 1024 * 1024;

    /** How long a stream may be silent before a comment keeps it alive, in milliseconds. */
    @AttributeDefinition(description = "How long an event stream may be silent, in milliseconds.")
    long heartbeat_ms() default 15_000;
}
