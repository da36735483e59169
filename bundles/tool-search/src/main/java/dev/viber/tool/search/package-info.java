/**
 * Search in files, confined to the workspace.
 *
 * <p>On Linux 5.6 and newer (x86_64, aarch64) the root is resolved by the kernel beneath the workspace
 * ({@code openat2} with {@code RESOLVE_BENEATH}); all below it is opened as single names in folders held open, links
 * refused, so that a link swapped in during a search leads nowhere. Elsewhere real paths are checked before use, as
 * {@code tool-file} does. The system calls are few and are this bundle's own: a contract that offered folders with their
 * raw names and kinds to any bundle would be larger than they are.
 *
 * <p>Ignore files above the root are read to know what to skip, never searched. An ignore file that is a link, and the
 * repository a {@code .git} file points at, are not read.
 */
@NullMarked
package dev.viber.tool.search;

import org.jspecify.annotations.NullMarked;
