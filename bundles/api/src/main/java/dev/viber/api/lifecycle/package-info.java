/** Life cycles as tables: states, events and the transitions between them, without any I/O. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.lifecycle;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
