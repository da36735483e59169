/** A sample that breaks the rules, so that they are seen to bite. */
@NullMarked
package dev.viber.upstairs;

import org.jspecify.annotations.NullMarked;
