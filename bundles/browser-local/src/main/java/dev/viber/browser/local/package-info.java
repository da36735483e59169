/**
 * Browsers as processes of this machine, each in namespaces of its own.
 *
 * <p>A session is a folder, an agent with its Chrome in namespaces that have no network but a loopback, and unix sockets in
 * that folder for all that goes in and out. It outlives this bundle: what is found at the start is taken on again.
 */
@NullMarked
package dev.viber.browser.local;

import org.jspecify.annotations.NullMarked;
