/** The local face: a unix-domain socket for the owner of the state folder, and nobody else. */
@NullMarked
package dev.viber.shell;

import org.jspecify.annotations.NullMarked;
