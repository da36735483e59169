/** Starts the agent: reads its feature file and starts the framework with the bundles it names, with as little as can be. */
@NullMarked
package dev.viber.guest.launcher;

import org.jspecify.annotations.NullMarked;
