package dev.viber.tool.file;

/**
 * What is known of a file without opening it.
 *
 * @param kind what it is
 * @param size in bytes; of no meaning but for a regular file
 * @param modified milliseconds since 1970
 * @param mode permission bits, or -1 where the system has none
 * @param identity the same for the same file only, while it exists
 */
record FileFacts(Kind kind, long size, long modified, int mode, Object identity) {
    /** What a name in a folder can be. */
    enum Kind {
        /** A regular file. */
        FILE,
        /** A folder. */
        DIRECTORY,
        /** A symbolic link, wherever it leads. */
        SYMLINK,
        /** A pipe, a device or a socket. */
        OTHER;

        String word() {
            return switch (this) {
                case FILE -> "file";
                case DIRECTORY -> "directory";
                case SYMLINK -> "symlink";
                case OTHER -> "other";
            };
        }
    }
}
