package dev.viber.tool.file;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One root, held open for a call, and everything beneath it; nothing outside can be reached through it.
 *
 * <p>Paths are relative to the root with {@code /} between names; empty is the root itself. Links are followed as long
 * as they stay beneath the root.
 */
abstract class Tree implements AutoCloseable {
    private static final int MOST_LINKS = 40;

    private final List<String> spellings;
    private final String prefix;

    /**
     * A tree.
     *
     * @param spellings absolute paths of the root: as configured, and its real path
     * @param prefix what {@link #shown} puts before a path; empty for the workspace
     */
    Tree(List<String> spellings, String prefix) {
        this.spellings = spellings;
        this.prefix = prefix;
    }

    /** A name and the folder, held open, that it is or would be in. */
    record Spot(Tree tree, Folder folder, String name, String path) implements AutoCloseable {
        @Nullable
        FileFacts facts() throws IOException {
            return folder.facts(name);
        }

        @Override
        public void close() throws IOException {
            folder.close();
        }
    }

    /** Opens a folder. */
    abstract Folder folder(String path) throws IOException;

    /** Opens a regular file to read; refuses anything else without waiting for it. */
    abstract OpenFile read(String path) throws IOException;

    /** Facts of what the path leads to, or null where that is nothing. */
    abstract @Nullable FileFacts facts(String path) throws IOException;

    @Override
    public abstract void close() throws IOException;

    /** The path as people and models see it, and as they may hand it in again. */
    final String shown(String path) {
        String clean = path.isEmpty() ? "." : path;
        if (prefix.isEmpty()) {
            return clean;
        }
        return path.isEmpty() ? prefix : prefix + "/" + path;
    }

    /** The path beneath this root that an absolute one names, or null where it names none. */
    final @Nullable String beneath(String absolute) {
        for (String root : spellings) {
            if (absolute.equals(root)) {
                return "";
            }
            String start = root.endsWith("/") ? root : root + "/";
            if (absolute.startsWith(start)) {
                return absolute.substring(start.length());
            }
        }
        return null;
    }

    /** How long the longest spelling of the root is that the path begins with, or -1: the nearest root wins. */
    final int closeness(String absolute) {
        String rest = beneath(absolute);
        return rest == null ? -1 : absolute.length() - rest.length();
    }

    /** Opens a folder, making it and those above it where they are missing. */
    final Folder makeFolder(String path) throws IOException {
        try {
            return folder(path);
        } catch (NoSuchFileException missing) {
            String clean = trimmed(path);
            int cut = clean.lastIndexOf('/');
            String name = clean.substring(cut + 1);
            if (isNoName(name)) {
                throw missing;
            }
            try (Folder parent = makeFolder(clean.substring(0, Math.max(cut, 0)))) {
                parent.makeFolder(name);
                parent.sync();
            } catch (FileAlreadyExistsException raced) {
                return folder(path); // someone else made it, or it is a link to nothing, which this tells
            }
            return folder(path);
        }
    }

    /**
     * Finds the folder and the name of a path.
     *
     * @param make whether missing folders are made
     * @param follow whether a link in the last place is followed, also to where nothing is yet
     */
    final Spot spot(String path, boolean make, boolean follow) throws IOException {
        String wanted = trimmed(path);
        for (int links = 0; links < MOST_LINKS; links++) {
            int cut = wanted.lastIndexOf('/');
            String above = wanted.substring(0, Math.max(cut, 0));
            String name = wanted.substring(cut + 1);
            if (isNoName(name)) {
                throw new FileSystemException(
                        shown(path), null, "does not end in the name of a file or folder; wanted one that does");
            }
            Folder folder = parent(path, above, make);
            boolean handedOver = false;
            try {
                FileFacts facts = folder.facts(name);
                if (!follow || facts == null || facts.kind() != FileFacts.Kind.SYMLINK) {
                    handedOver = true;
                    return new Spot(this, folder, name, wanted);
                }
                wanted = trimmed(target(path, above, folder.readLink(name)));
            } finally {
                if (!handedOver) {
                    folder.close();
                }
            }
        }
        throw new FileSystemException(shown(path), null, "goes through too many links");
    }

    private Folder parent(String path, String above, boolean make) throws IOException {
        try {
            return make ? makeFolder(above) : folder(above);
        } catch (OutsideException e) {
            throw new OutsideException(shown(path)); // as it was asked for
        }
    }

    private String target(String path, String above, String target) throws OutsideException {
        if (target.startsWith("/")) {
            String rest = beneath(target);
            if (rest == null) {
                throw new OutsideException(shown(path));
            }
            return rest;
        }
        return above.isEmpty() ? target : above + "/" + target;
    }

    /** Whether the path's letters alone lead above the root, links aside. */
    static boolean climbsOut(String path) {
        int depth = 0;
        for (String name : path.split("/", -1)) {
            if (name.equals("..")) {
                depth--;
            } else if (!name.isEmpty() && !name.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNoName(String name) {
        return name.isEmpty() || name.equals(".") || name.equals("..");
    }

    private static String trimmed(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(0, end);
    }

    /** A name below a path. */
    static String join(String path, String name) {
        return path.isEmpty() ? name : path + "/" + name;
    }
}
