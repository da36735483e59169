package dev.viber.api.rest;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A token to issue. */
public record TokenRequest(
        @About(value = "A name for people.", example = "\"laptop\"") @Text(max = 200) @Nullable
        String name,

        @About(
                value =
                        "How long it is valid: seconds, a text such as 12h or 30d, or ISO 8601; for ever where not there.",
                example = "\"30d\"")
        @Nullable
        Duration expiresIn) {}
