/** Shows the browsers of microVMs to people as they are, and lets one of them take over. */
@NullMarked
package dev.viber.live.view;

import org.jspecify.annotations.NullMarked;
