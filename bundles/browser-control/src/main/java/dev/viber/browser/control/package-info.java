/** What the agent does in its browser for others: every call of its REST interface. */
@NullMarked
package dev.viber.browser.control;

import org.jspecify.annotations.NullMarked;
