package dev.viber.api.rest;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How a token gets its new secret. */
public record RotationRequest(
        @About(
                value =
                        "How long the old secret stays valid, at most 30d: as expiresIn of a token; not at all where not there.",
                example = "\"1h\"")
        @Nullable
        Duration grace) {}
