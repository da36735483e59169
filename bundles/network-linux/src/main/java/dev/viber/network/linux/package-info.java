/** Connects microVMs on Linux: a bridge, a tap for each, an egress policy in nft tables of its own, and their name server. */
@Export
@Version("1.0.0")
@NullMarked
package dev.viber.network.linux;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
