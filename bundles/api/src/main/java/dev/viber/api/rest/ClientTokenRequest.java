package dev.viber.api.rest;

import dev.viber.api.auth.Role;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A token to issue to a client; a viber's is issued at the viber. */
public record ClientTokenRequest(
        @About(value = "What it allows.", example = "\"operator\"") @Words({"owner", "operator", "viewer"})
        Role role,

        @About(value = "A name for people.", example = "\"build server\"") @Text(max = 200) @Nullable
        String name,

        @About(
                value =
                        "How long it is valid: seconds, a text such as 12h or 30d, or ISO 8601; for ever where not there.",
                example = "\"30d\"")
        @Nullable
        Duration expiresIn) {}
