package dev.viber.network.linux;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What can be set about the network of microVMs. */
@ObjectClassDefinition(name = "Network of microVMs")
@interface NetworkSettings {
    /** The configuration's name. */
    String PID = "dev.viber.network.linux";

    @AttributeDefinition(description = "The bridge; the nft tables bear its name, too.")
    String bridge() default "viperbr0";

    @AttributeDefinition(description = "The guests' IPv4 network, of 16 to 29 bits.")
    String subnet() default "192.168.127.0/24";

    @AttributeDefinition(description = "The host's own address in it.")
    String host_ip() default "192.168.127.1";

    @AttributeDefinition(description = "A folder in which it is noted what was there before.")
    String run() default "";

    @AttributeDefinition(
            description = "Name servers the guests' questions are passed on to; empty for those of this host.")
    String[] dns() default {};
}
