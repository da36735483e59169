/** Vibers: the machines that dial in, what they can do and how they are. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.viber;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
