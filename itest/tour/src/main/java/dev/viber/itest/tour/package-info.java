/** The tour of the documentation, taken as a reader would. */
@NullMarked
package dev.viber.itest.tour;

import org.jspecify.annotations.NullMarked;
