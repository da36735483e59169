/**
 * File tools, confined to the workspace.
 *
 * <p>On Linux 5.6 and newer (x86_64, aarch64) every path is resolved once, by the kernel, against a folder held open
 * ({@code openat2} with {@code RESOLVE_BENEATH}), and all that follows is done relative to folders held open: a
 * symbolic link swapped during a call cannot lead outside. The calls go through {@code java.lang.foreign} and need
 * {@code --enable-native-access=ALL-UNNAMED}; one that blocks pins the carrier of its virtual thread, which is accepted.
 *
 * <p>Elsewhere, or where a seccomp filter forbids {@code openat2}, paths are checked by their real path and opened
 * without following a last link. That holds against every path that stands still; a process of the same user that swaps
 * a folder for a link between check and use can win that race there. Which of the two serves is logged at the start.
 *
 * <p>Names that are not UTF-8 are shown with U+FFFD and cannot be addressed.
 */
@NullMarked
package dev.viber.tool.file;

import org.jspecify.annotations.NullMarked;
