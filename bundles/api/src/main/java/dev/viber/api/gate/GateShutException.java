package dev.viber.api.gate;

import java.time.Duration;

/** No service came behind a gate while a call waited for it. */
public final class GateShutException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    GateShutException(String what, Duration waited) {
        super("no %s after %d ms of waiting".formatted(what, waited.toMillis()));
    }
}
