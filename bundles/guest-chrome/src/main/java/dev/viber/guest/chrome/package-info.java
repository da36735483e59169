/** The one Chrome of the agent, its DevTools port with a token, and the agent's word to the machine it is in. */
@NullMarked
package dev.viber.guest.chrome;

import org.jspecify.annotations.NullMarked;
