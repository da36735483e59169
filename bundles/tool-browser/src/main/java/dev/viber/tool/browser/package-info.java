/**
 * The {@code browser.*} tools: a browser for each task, from whichever service has one, for as long as the task lasts.
 *
 * <p>What a task's browser has become (address, cookies, storage) is kept encrypted after each action, so that another one can
 * go on where it was lost.
 */
@NullMarked
package dev.viber.tool.browser;

import org.jspecify.annotations.NullMarked;
