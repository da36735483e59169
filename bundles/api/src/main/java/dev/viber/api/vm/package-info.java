/** MicroVMs: what they are, how they live, and what drives and connects them. */
@Export
@Version("1.2.0")
@NullMarked
package dev.viber.api.vm;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
