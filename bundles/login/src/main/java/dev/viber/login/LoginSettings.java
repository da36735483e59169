package dev.viber.login;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be configured of logins, under {@code dev.viber.login}. */
@ObjectClassDefinition(name = "Viber login")
public @interface LoginSettings {
    /** The configuration PID. */
    String PID = "dev.viber.login";

    /** Where people reach this gateway; empty for wherever the request came in. */
    @AttributeDefinition(
            description = "Where people reach this gateway, such as https://viber.example.org behind a proxy")
    String public_url() default "";
}
