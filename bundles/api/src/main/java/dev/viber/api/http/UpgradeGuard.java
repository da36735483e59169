package dev.viber.api.http;

import dev.viber.api.auth.Principal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/** Decides, before the upgrade and with the token already checked, whether a WebSocket may open. */
@ConsumerType
@FunctionalInterface
public interface UpgradeGuard {
    /** Returns how long to stay away (answered as 429 with Retry-After), or null where the socket may open. */
    @Nullable
    Duration refuse(Principal principal);
}
