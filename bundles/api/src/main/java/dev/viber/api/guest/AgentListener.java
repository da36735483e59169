package dev.viber.api.guest;

import java.net.InetSocketAddress;
import org.osgi.annotation.versioning.ProviderType;

/** The agent's HTTP listener; registered as a service while it truly listens. */
@ProviderType
public interface AgentListener {
    /** Where it listens, with the port that was taken where a free one was asked for. */
    InetSocketAddress address();
}
