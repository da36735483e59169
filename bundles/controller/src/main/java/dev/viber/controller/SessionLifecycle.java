package dev.viber.controller;

import dev.viber.api.lifecycle.Lifecycle;
import java.util.Locale;

/** The life of the viber's connection, as one table. */
final class SessionLifecycle {
    static final Lifecycle<Mode, Trigger> TABLE = Lifecycle.of("session", Mode.class, Trigger.class, Mode.IDLE)
            .on(Trigger.DIAL, Mode.CONNECTING, Mode.IDLE, Mode.BACKING_OFF)
            .on(Trigger.OPENED, Mode.REGISTERING, Mode.CONNECTING)
            .on(Trigger.REGISTERED, Mode.ONLINE, Mode.REGISTERING)
            .on(Trigger.LOST, Mode.BACKING_OFF, Mode.CONNECTING, Mode.REGISTERING, Mode.ONLINE)
            .on(Trigger.DRAIN, Mode.DRAINING, Mode.ONLINE)
            .on(
                    Trigger.CLOSE,
                    Mode.CLOSED,
                    Mode.IDLE,
                    Mode.CONNECTING,
                    Mode.REGISTERING,
                    Mode.ONLINE,
                    Mode.BACKING_OFF,
                    Mode.DRAINING)
            .build();

    /** Where the connection stands. */
    enum Mode {
        /** No server is configured: local use only. */
        IDLE,
        /** The upgrade is under way. */
        CONNECTING,
        /** The socket is open; {@code connected} is said, {@code welcome} awaited. */
        REGISTERING,
        /** Registered: frames flow both ways. */
        ONLINE,
        /** The socket is gone; waits before it dials again. */
        BACKING_OFF,
        /** Going away: sends what is committed and waits for its acknowledgement. */
        DRAINING,
        /** Over. */
        CLOSED;

        /** The word shown to people and programs. */
        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What may happen to the connection. */
    enum Trigger {
        /** Dial the server. */
        DIAL,
        /** The upgrade succeeded. */
        OPENED,
        /** The gateway said welcome, or is one that never does. */
        REGISTERED,
        /** The socket closed, or never opened. */
        LOST,
        /** The viber goes away in good order. */
        DRAIN,
        /** The viber is gone. */
        CLOSE
    }

    private SessionLifecycle() {}
}
