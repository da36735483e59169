/** The REST interface as data: one typed declaration per route, served by the gateway and called by its clients. */
@Export
@Version("1.2.0")
@NullMarked
package dev.viber.api.rest;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
