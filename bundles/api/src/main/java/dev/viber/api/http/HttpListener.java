package dev.viber.api.http;

import org.osgi.annotation.versioning.ProviderType;

/** The one HTTP listener; registered as a service while it truly listens. */
@ProviderType
public interface HttpListener {
    /** The host it is bound to, as configured. */
    String host();

    /** The port it is bound to, also where a free one was asked for. */
    int port();

    /** Whether it speaks TLS there: {@code https} and {@code wss}. */
    default boolean isSecure() {
        return false;
    }

    /** The port on 127.0.0.1 at which this machine may speak plain HTTP with it; -1 for none. */
    default int plainPort() {
        return isSecure() ? -1 : port();
    }
}
