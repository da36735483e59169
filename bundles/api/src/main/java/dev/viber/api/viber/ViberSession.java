package dev.viber.api.viber;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** A viber's own view of its connection to the gateway; a service for as long as the viber runs. */
@ProviderType
public interface ViberSession {
    /** {@code idle|connecting|registering|online|backing-off|draining|closed}; idle where no server is configured. */
    String mode();

    /** This viber's id. */
    String viberId();

    /** The WebSocket address it dials; null where none is configured. */
    @Nullable
    String server();

    /** Since when it is registered at the gateway; null while it is not. */
    @Nullable
    Instant connectedSince();

    /** Why it is not connected, or what went wrong last, for people; null where nothing did. */
    @Nullable
    String lastError();

    /** How many frames in the journal the gateway has not acknowledged; 0 while there is no store. */
    long unacked();
}
