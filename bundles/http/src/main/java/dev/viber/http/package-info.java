/** The one HTTP listener, to which other bundles contribute handlers and WebSocket endpoints. */
@NullMarked
package dev.viber.http;

import org.jspecify.annotations.NullMarked;
