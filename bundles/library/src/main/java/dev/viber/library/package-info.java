/** A viber inside a program of any kind: tasks come from a gateway, the program's own code does them. Outside OSGi. */
@NullMarked
package dev.viber.library;

import org.jspecify.annotations.NullMarked;
