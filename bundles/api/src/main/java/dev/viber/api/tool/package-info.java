/** Tools: what a tool author implements, and nothing else. */
@Export
@Version("1.2.0")
@NullMarked
package dev.viber.api.tool;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
