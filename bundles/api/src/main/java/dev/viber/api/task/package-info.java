/** Tasks: what is asked, the plan, what happens on the way and what comes of it. */
@Export
@Version("1.1.0")
@NullMarked
package dev.viber.api.task;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
