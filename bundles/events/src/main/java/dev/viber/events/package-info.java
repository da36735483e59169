/** The event bus over a store: what was committed, followed from any position. */
@NullMarked
package dev.viber.events;

import org.jspecify.annotations.NullMarked;
