/** The login face: the device grant of RFC 8628 and the page at which a person approves it. */
@NullMarked
package dev.viber.login;

import org.jspecify.annotations.NullMarked;
