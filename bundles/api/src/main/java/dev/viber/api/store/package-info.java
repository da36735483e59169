/** What a store keeps and promises: one journal and the tables beside it, written in groups, read without waiting. */
@Export
@Version("1.3.0")
@NullMarked
package dev.viber.api.store;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
