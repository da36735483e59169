/** The bundles as built, and the documents beside them, held to the rules of the house. */
@NullMarked
package dev.viber.itest.floors;

import org.jspecify.annotations.NullMarked;
