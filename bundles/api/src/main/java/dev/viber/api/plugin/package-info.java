/** Plugins: bundles that a viber is given while it runs, from their signature to their removal. */
@Export
@Version("1.1.0")
@NullMarked
package dev.viber.api.plugin;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
