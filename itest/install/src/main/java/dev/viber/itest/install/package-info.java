/** What people install, tried as they would install it. */
@NullMarked
package dev.viber.itest.install;

import org.jspecify.annotations.NullMarked;
