/** Where a piece of work belongs: the trace context of the W3C, carried through client, gateway, viber and tool. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.trace;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
