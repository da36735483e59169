/** The agent's HTTP listener, which stays while the bundles behind it are replaced. */
@NullMarked
package dev.viber.guest.http;

import org.jspecify.annotations.NullMarked;
