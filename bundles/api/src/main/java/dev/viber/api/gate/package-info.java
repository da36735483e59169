/** The gate in front of a service that may be swapped under load: pause, drain, swap, go on. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.gate;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
