/** The event bus: the committed journal, followed from any position. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.event;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
