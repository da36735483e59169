package dev.viber.gateway;

import java.util.function.Consumer;

/** A WebSocket as a {@link Session} needs it. */
interface Wire {
    /** Sends a text frame in the order of calls; {@code sent} learns whether it went out. Never blocks. */
    void send(String text, Consumer<Boolean> sent);

    /** Sends a WebSocket ping. */
    void ping();

    /** Closes with this code; a second close does nothing. */
    void close(int code, String reason);
}
