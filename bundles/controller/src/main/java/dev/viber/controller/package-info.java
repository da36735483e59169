/** The viber's one outbound connection, with the journal as its outbox. */
@NullMarked
package dev.viber.controller;

import org.jspecify.annotations.NullMarked;
