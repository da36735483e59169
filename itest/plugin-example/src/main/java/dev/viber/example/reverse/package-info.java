/** A tool that turns texts around, for trying out how a plugin comes, changes and goes. */
@NullMarked
package dev.viber.example.reverse;

import org.jspecify.annotations.NullMarked;
