package dev.viber.controller;

import java.time.Duration;

/**
 * How long things take and may take; the protocol's values, except in tests.
 *
 * @param dial the upgrade
 * @param grace how long a server that did not answer the subprotocol may take to say {@code welcome}; then it counts as
 *     one that never does
 * @param welcome how long a server that did answer it may take
 * @param ping between WebSocket pings; two unanswered ones end the connection
 * @param firstPause the first back-off, doubled up to {@code longestPause}, drawn with full jitter
 * @param refusedPause the back-off after the token was refused
 * @param healthy after this long online the back-off begins anew
 * @param debounce how long changes of tools are gathered into one heartbeat
 * @param drain how long leaving waits for acknowledgements
 */
record Timing(
        Duration dial,
        Duration grace,
        Duration welcome,
        Duration ping,
        Duration firstPause,
        Duration longestPause,
        Duration refusedPause,
        Duration healthy,
        Duration debounce,
        Duration drain) {
    /** The protocol's values. */
    static final Timing PROTOCOL = new Timing(
            Duration.ofSeconds(15),
            Duration.ofSeconds(3),
            Duration.ofSeconds(30),
            Duration.ofSeconds(20),
            Duration.ofMillis(500),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofMillis(200),
            Duration.ofSeconds(2));
}
