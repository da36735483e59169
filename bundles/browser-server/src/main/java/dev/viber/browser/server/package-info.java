/** Browsers of a viber's server: asked for over HTTP with the viber's own token, and reached through the server's proxy. */
@NullMarked
package dev.viber.browser.server;

import org.jspecify.annotations.NullMarked;
