/** What the parts of the agent in a guest are to each other: its HTTP listener, its Chrome, its log. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.guest;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
