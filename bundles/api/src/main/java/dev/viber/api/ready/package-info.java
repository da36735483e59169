/** Readiness as data: a part says when it is ready, and others wait for that. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.ready;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
