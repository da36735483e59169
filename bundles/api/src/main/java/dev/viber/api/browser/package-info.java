/** Browsers for tasks: asked for, used and given back, whatever hosts them. */
@Export
@Version("1.1.0")
@NullMarked
package dev.viber.api.browser;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
