/** Runs plans: steps in order and side by side, every transition journaled. */
@NullMarked
package dev.viber.agent;

import org.jspecify.annotations.NullMarked;
