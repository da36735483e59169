/** How a bundle contributes HTTP routes and WebSocket endpoints to the one listener. */
@Export
@Version("1.2.0")
@NullMarked
package dev.viber.api.http;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
