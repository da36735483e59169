/** Reads a feature file, starts the framework with its bundles and says when it is ready. */
@NullMarked
package dev.viber.launcher;

import org.jspecify.annotations.NullMarked;
