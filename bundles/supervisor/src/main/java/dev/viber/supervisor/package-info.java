/** Keeps microVMs: brings them up, watches them, takes them down, and finds them again after a crash of its own. */
@NullMarked
package dev.viber.supervisor;

import org.jspecify.annotations.NullMarked;
