/** Who is calling: roles, principals, tokens and the checks made of them. */
@Export
@Version("1.1.0")
@NullMarked
package dev.viber.api.auth;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
