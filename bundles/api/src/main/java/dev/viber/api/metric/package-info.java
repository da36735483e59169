/** Figures for whoever watches: counted where things happen, collected where they are asked for. */
@Export
@Version("1.1.0")
@NullMarked
package dev.viber.api.metric;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
