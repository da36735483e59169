/** Tests that run as a bundle among bundles. */
@NullMarked
package dev.viber.itest.live;

import org.jspecify.annotations.NullMarked;
