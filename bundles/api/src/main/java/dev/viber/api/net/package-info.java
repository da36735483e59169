/** How connections of ours are kept private: what is trusted, and where plain text may go. */
@Export
@Version("1.2.0")
@NullMarked
package dev.viber.api.net;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
