package dev.viber.auth;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be configured of tokens and logins, under {@code dev.viber.auth}. */
@ObjectClassDefinition(name = "Viber tokens and logins")
public @interface AuthSettings {
    /** The configuration PID. */
    String PID = "dev.viber.auth";

    /** The file of the owner token. */
    @AttributeDefinition(description = "The file of the owner token, made at the first start with mode 0600")
    String owner_token_file() default "owner.token";

    /** How many wrong tokens or codes an address may send. */
    @AttributeDefinition(
            description = "How many wrong tokens or codes an address may send at once, and again within each minute")
    int guesses_per_minute() default 30;

    /** How long a person has to approve a login. */
    @AttributeDefinition(description = "Seconds that a person has to approve a login, 10 to 3600")
    int device_seconds() default 600;

    /** The least time between two polls. */
    @AttributeDefinition(description = "Seconds between two polls of a login at least, 1 to 60")
    int device_interval() default 5;

    /** The most logins from one address. */
    @AttributeDefinition(description = "The most logins under way from one address")
    int device_per_address() default 100;

    /** The most logins. */
    @AttributeDefinition(description = "The most logins under way")
    int device_most() default 2_000;
}
