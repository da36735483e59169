package dev.viber.http;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be configured of the HTTP listener, under {@code dev.viber.http}. */
@ObjectClassDefinition(name = "HTTP listener")
@interface HttpSettings {
    /** The configuration PID. */
    String PID = "dev.viber.http";

    @AttributeDefinition(description = "HOST:PORT to listen on; port 0 is a free one, an IPv6 host stands in brackets")
    String listen() default "127.0.0.1:7777";

    @AttributeDefinition(
            description = "A PEM file of the certificate chain; with tls.key it makes this https and wss, and is"
                    + " taken anew when it changes")
    String tls_cert() default "";

    @AttributeDefinition(description = "A PEM file of the certificate's private key, PKCS #8, not encrypted")
    String tls_key() default "";

    @AttributeDefinition(
            description = "Whether, beside TLS, a free port of 127.0.0.1 speaks plain HTTP for this machine alone")
    boolean plain_loopback() default false;

    @AttributeDefinition(
            description = "HOST:PORT of loopback at which whoever is on this machine may use the first Viper's paths"
                    + " without a token, as its own programs do; empty for none")
    String legacy_listen() default "";

    @AttributeDefinition(description = "The most bytes of a request's headers")
    int max_header_bytes() default 16 * 1024;

    @AttributeDefinition(description = "The most bytes of one WebSocket message or frame, after decompression")
    int max_frame_bytes() default 4 * 1024 * 1024;

    @AttributeDefinition(description = "Milliseconds after which a plain connection that does nothing is closed")
    long idle_timeout_ms() default 60_000;

    @AttributeDefinition(description = "The most connections at a time; further ones wait until others close")
    int max_connections() default 20_000;

    @AttributeDefinition(description = "Host names served beside the loopback ones and the bound address")
    String[] allowed_hosts() default {};

    @AttributeDefinition(description = "Origins let through beside our own, such as https://console.example.org")
    String[] allowed_origins() default {};

    @AttributeDefinition(description = "The parts that must be ready for /readyz to answer 200")
    String[] ready_parts() default {};
}
