package dev.viber.browser.local;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be set about the browsers of this machine. */
@ObjectClassDefinition(name = "Browsers of this machine")
@interface Settings {
    /** The configuration's name. */
    String PID = "dev.viber.browser.local";

    @AttributeDefinition(
            description =
                    "The folder of the sessions; its path is short, since it holds unix sockets. Empty: none are had here.")
    String folder() default "";

    @AttributeDefinition(description = "The distribution, with the feature guest in it.")
    String home() default "";

    @AttributeDefinition(
            description = "Folders that sessions do not see, beside the home of the viber's user and /run.")
    String[] hidden() default {};

    @AttributeDefinition(description = "The Chrome; empty for the first found.")
    String chrome() default "";

    @AttributeDefinition(
            description = "Sessions at once; 0 for one for each 768 MiB of memory, from 1 to 16. More wait in a queue.")
    int sessions() default 0;

    @AttributeDefinition(description = "Browsers that are started before anybody asks, so that one is had at once.")
    int warm() default 0;

    @AttributeDefinition(
            description =
                    "What every session may reach beside the internet: networks, as 10.1.2.0/24, and services, as 10.1.2.3:443.")
    String[] egress() default {};

    @AttributeDefinition(
            description = "How long a session stays whose viber was killed and does not come back, in milliseconds.")
    long orphan_ms() default 300_000;

    @AttributeDefinition(description = "How long a browser may take to come up, in milliseconds.")
    long start_ms() default 60_000;

    @AttributeDefinition(
            description =
                    "Where this is root: the first of the user ids that sessions run as, each as one that nobody else has.")
    int uid_base() default 2_000_000_000;
}
