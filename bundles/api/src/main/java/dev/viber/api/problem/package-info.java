/** What is told when something cannot be done: one shape for every refusal. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.api.problem;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
