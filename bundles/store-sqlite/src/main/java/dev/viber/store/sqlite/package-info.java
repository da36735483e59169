/** The store on SQLite: one writer that commits in groups, readers that never wait. */
@NullMarked
package dev.viber.store.sqlite;

import org.jspecify.annotations.NullMarked;
