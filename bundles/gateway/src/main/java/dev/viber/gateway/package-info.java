/** Decides and remembers: takes tasks in, gives them to vibers and keeps what they send back. */
@NullMarked
package dev.viber.gateway;

import org.jspecify.annotations.NullMarked;
