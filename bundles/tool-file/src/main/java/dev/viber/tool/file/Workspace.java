package dev.viber.tool.file;

import dev.viber.api.tool.ToolException;
import dev.viber.tool.file.ConfinedFiles.Confinement;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The trees one call may work in: the workspace, and the further roots it asks for. */
final class Workspace implements AutoCloseable {
    private final Confinement confinement;
    private final Path home;
    private final List<Path> roots;
    private final List<Tree> further = new ArrayList<>();
    private final boolean writable;
    private boolean furtherOpen;
    private @Nullable Tree homeTree;

    Workspace(Confinement confinement, Path home, List<Path> roots, boolean writable) {
        this.confinement = confinement;
        this.home = home;
        this.roots = roots;
        this.writable = writable;
    }

    /** A path in the tree it lies in. */
    record Place(Tree tree, String path) {
        String shown() {
            return tree.shown(path);
        }

        /** A path below this one, as people see it. */
        String shown(String below) {
            String clean = lexical(path);
            return tree.shown(
                    path.startsWith("..") || path.contains("/..") ? Tree.join(path, below) : Tree.join(clean, below));
        }

        Folder folder() throws IOException {
            return tree.folder(path);
        }

        OpenFile read() throws IOException {
            return tree.read(path);
        }

        @Nullable
        FileFacts facts() throws IOException {
            return tree.facts(path);
        }

        /** Whether the other place is this one or within it, by the letters of both. */
        boolean holds(Place other) {
            String mine = lexical(path);
            String others = lexical(other.path);
            return tree.equals(other.tree) && (mine.isEmpty() || (others + "/").startsWith(mine + "/"));
        }

        private static String lexical(String path) {
            List<String> names = new ArrayList<>();
            for (String name : path.split("/", -1)) {
                if (name.equals("..") && !names.isEmpty()) {
                    names.removeLast();
                } else if (!name.isEmpty() && !name.equals(".")) {
                    names.add(name);
                }
            }
            return String.join("/", names);
        }
    }

    /** As {@link #place}, for what is going to be changed. */
    Place placeToWrite(String path) throws IOException, ToolException {
        if (!writable) {
            throw new ToolException(path + ": this tool does not declare to write, so it may not");
        }
        return place(path);
    }

    /** Finds the tree of a path: the workspace for a relative one, else the nearest root that holds it. */
    Place place(String path) throws IOException, ToolException {
        if (path.indexOf('\0') >= 0) {
            throw new ToolException("the path holds a NUL character; wanted a path without");
        }
        String wanted = File.separatorChar == '\\' ? path.replace('\\', '/') : path;
        if (!isAbsolute(wanted)) {
            return new Place(home(), wanted);
        }
        Tree nearest = null;
        for (Tree tree : all()) {
            if (tree.closeness(wanted) > (nearest == null ? -1 : nearest.closeness(wanted))) {
                nearest = tree;
            }
        }
        String below = nearest == null ? null : nearest.beneath(wanted);
        if (nearest == null || below == null) {
            throw new OutsideException(path);
        }
        int start = 0;
        while (start < below.length() && below.charAt(start) == '/') {
            start++;
        }
        return new Place(nearest, below.substring(start));
    }

    /** A path out of an exception without what it tells of the machine. */
    String shown(String path) {
        if (homeTree == null || !isAbsolute(path)) {
            return path;
        }
        String below = homeTree.beneath(PortableTree.slashed(Path.of(path)));
        return below == null ? path : homeTree.shown(below);
    }

    @Override
    public void close() throws IOException {
        if (homeTree != null) {
            homeTree.close();
        }
        for (Tree tree : further) {
            tree.close();
        }
    }

    private Tree home() throws IOException {
        Tree tree = homeTree;
        if (tree == null) {
            try {
                tree = confinement.open(home, "");
            } catch (NoSuchFileException e) {
                throw new FileSystemException(".", null, "the workspace folder does not exist");
            }
            homeTree = tree;
        }
        return tree;
    }

    private List<Tree> all() throws IOException {
        List<Tree> all = new ArrayList<>();
        all.add(home());
        if (!furtherOpen) {
            furtherOpen = true;
            for (Path root : roots) {
                if (Files.isDirectory(root)) { // one that is not there holds nothing
                    further.add(confinement.open(root, PortableTree.slashed(root)));
                }
            }
        }
        all.addAll(further);
        return all;
    }

    private static boolean isAbsolute(String path) {
        return path.startsWith("/") || (File.separatorChar == '\\' && path.matches("[A-Za-z]:.*"));
    }
}
