package dev.viber.api.http;

import org.osgi.annotation.versioning.ProviderType;

/** The one HTTP listener; registered as a service while it truly listens. */
@ProviderType
public interface HttpListener {
    /** The host it is bound to, as configured. */
    String host();

    /** The port it is bound to, also where a free one was asked for. */
    int port();
}
