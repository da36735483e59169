package dev.viber.tool.file;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A folder held open; what it does is done to the names in it, single names only, and no link is followed.
 *
 * <p>Failures are the {@link java.nio.file.FileSystemException}s that fit, with the path as {@link Tree#shown} tells it.
 */
interface Folder extends AutoCloseable {
    /** Facts of the folder itself. */
    FileFacts facts() throws IOException;

    /** Facts of the name, or null where there is none. */
    @Nullable
    FileFacts facts(String name) throws IOException;

    /** All names in it but {@code .} and {@code ..}, sorted. */
    List<String> names(Pace pace) throws IOException, InterruptedException;

    /** Opens the folder of this name. */
    Folder folder(String name) throws IOException;

    /** Opens the regular file of this name to read; refuses anything else without waiting for it. */
    OpenFile read(String name) throws IOException;

    /** Makes a file of this name to write; fails where the name is taken. */
    OpenFile create(String name) throws IOException;

    /** Opens the regular file of this name to add to its end; makes it where there is none. */
    OpenFile append(String name) throws IOException;

    /** Makes a folder of this name. */
    void makeFolder(String name) throws IOException;

    /** Makes a symbolic link of this name. */
    void makeLink(String name, String target) throws IOException;

    /** Where the symbolic link of this name leads. */
    String readLink(String name) throws IOException;

    /** Renames in one step, over what is there if {@code replace}; both folders are of the same kind of tree. */
    void rename(String name, Folder to, String newName, boolean replace) throws IOException;

    /** Deletes the name; a folder must be empty. */
    void delete(String name, boolean folder) throws IOException;

    /** Gives the folder itself these permission bits; nothing where the system has none. */
    void permit(int mode) throws IOException;

    /** Returns when the names in it are on the disk. */
    void sync() throws IOException;

    @Override
    void close() throws IOException;
}
