/** Tokens and who holds them. */
@NullMarked
package dev.viber.auth;

import org.jspecify.annotations.NullMarked;
