/** The plugins of a viber: let in by signature, rolled out and back, kept over restarts. */
@NullMarked
package dev.viber.plugins;

import org.jspecify.annotations.NullMarked;
