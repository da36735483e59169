/** Serves what the first Viper's clients ask for at paths that are nobody else's. */
@NullMarked
package dev.viber.legacy;

import org.jspecify.annotations.NullMarked;
