/** The command line: a plain program over the client. */
@NullMarked
package dev.viber.cli;

import org.jspecify.annotations.NullMarked;
