package dev.viber.controller;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What the controller is told: PID {@code dev.viber.controller}. */
@ObjectClassDefinition(name = "Viber controller", description = "The viber's connection to its gateway")
@interface ControllerConfiguration {
    /** The PID. */
    String PID = "dev.viber.controller";

    @AttributeDefinition(
            description =
                    "Where the gateway is: ws://HOST:PORT[/vibers/ws], http(s) taken as ws(s); empty for local use")
    String server() default "";

    @AttributeDefinition(description = "The viber's token; goes before token.file")
    String token() default "";

    @AttributeDefinition(description = "A file that holds the token, read again at each try")
    String token_file() default "";

    @AttributeDefinition(
            name = "tls.ca",
            description = "A PEM file of the certificates to trust; empty for those that Java trusts")
    String tls_ca() default "";

    @AttributeDefinition(
            name = "insecure.plain.text",
            description =
                    "Whether the token may go to another machine in plain text, where whoever listens can take it")
    boolean insecure_plain_text() default false;

    @AttributeDefinition(description = "The viber's id; empty for one made once and kept in the state folder")
    String id() default "";

    @AttributeDefinition(description = "Free text for people; empty for the host's name")
    String name() default "";

    @AttributeDefinition(description = "The state folder; empty for ~/.viber")
    String state() default "";

    @AttributeDefinition(
            name = "heartbeat.ms",
            description = "Milliseconds between heartbeats, 1000 to 300000, where the gateway wishes nothing else")
    int heartbeat_ms() default 10_000;

    @AttributeDefinition(description = "The version to announce; empty for the bundle's")
    String version() default "";
}
