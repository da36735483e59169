/** Keeps browsers of microVMs ready, gives them to sessions and takes them back. */
@NullMarked
package dev.viber.pools;

import org.jspecify.annotations.NullMarked;
