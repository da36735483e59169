/** One WebSocket from a viber to its gateway, and how long to wait before the next: plain Java, for bundle and library alike. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.link;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
