/** Joins the viber of this process to the gateway of this process. */
@NullMarked
package dev.viber.loopback;

import org.jspecify.annotations.NullMarked;
