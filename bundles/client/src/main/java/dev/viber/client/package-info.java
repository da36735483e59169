/** The one typed REST client, for programs. */
@NullMarked
package dev.viber.client;

import org.jspecify.annotations.NullMarked;
