package dev.viber.tool.file;

import dev.viber.tool.file.FileFacts.Kind;
import dev.viber.tool.file.Tree.Spot;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Copies and deletes files and whole folders, never following a link inside them. */
final class Transfer {
    private final Pace pace;
    private long files;
    private long bytes;
    private @Nullable Object destination;

    Transfer(Pace pace) {
        this.pace = pace;
    }

    /** Files, links and folders done so far. */
    long files() {
        return files;
    }

    /** Bytes copied so far. */
    long bytes() {
        return bytes;
    }

    /** Copies one open file to the spot, in one step. */
    void copyFile(OpenFile from, Spot to, boolean replace) throws IOException, InterruptedException {
        Contents.put(to, replace, from.facts(), into -> {
            byte[] chunk = new byte[Contents.CHUNK];
            long position = 0;
            int count;
            while ((count = from.read(chunk, 0, chunk.length, position)) > 0) {
                into.write(chunk, 0, count);
                position += count;
                bytes += count;
                pace.bytes(count);
            }
        });
        done();
    }

    /** Copies a folder and all in it to the spot; into the folder there if {@code replace}. */
    void copyFolder(Folder from, Spot to, boolean replace) throws IOException, InterruptedException {
        String shown = to.tree().shown(to.path());
        FileFacts there = to.facts();
        if (there == null) {
            to.folder().makeFolder(to.name());
        } else if (!replace) {
            throw new FileAlreadyExistsException(shown);
        } else if (there.kind() != Kind.DIRECTORY) {
            throw new FileSystemException(shown, null, "is no directory and cannot take a directory's place");
        }
        try (Folder into = to.folder().folder(to.name())) {
            if (destination == null) {
                destination = into.facts().identity();
            }
            fill(from, into, to.tree(), to.path(), replace);
            if (there == null) {
                into.permit(from.facts().mode() & 0x1ff);
            }
            into.sync();
        }
        to.folder().sync();
        done();
    }

    private void fill(Folder from, Folder into, Tree tree, String path, boolean replace)
            throws IOException, InterruptedException {
        if (from.facts().identity().equals(destination)) {
            throw within(tree.shown(path));
        }
        for (String name : from.names(pace)) {
            FileFacts facts = from.facts(name);
            if (facts == null) {
                continue; // deleted meanwhile
            }
            Spot to = new Spot(tree, into, name, Tree.join(path, name));
            switch (facts.kind()) {
                case FILE -> {
                    try (OpenFile file = from.read(name)) {
                        copyFile(file, to, replace);
                    }
                }
                case DIRECTORY -> {
                    try (Folder child = from.folder(name)) {
                        copyFolder(child, to, replace);
                    }
                }
                case SYMLINK -> copyLink(from, name, to, replace);
                case OTHER ->
                    throw new FileSystemException(
                            to.tree().shown(to.path()), null, "cannot be made: its source " + LinuxTree.NOT_REGULAR);
            }
        }
    }

    /** Copies the link, not what it leads to. */
    void copyLink(Folder from, String name, Spot to, boolean replace) throws IOException, InterruptedException {
        Contents.requireFileOrNothing(to, replace);
        String target = from.readLink(name);
        if (to.facts() != null) {
            to.folder().delete(to.name(), false);
        }
        to.folder().makeLink(to.name(), target);
        done();
    }

    /** Deletes the name and, if it is a folder, all in it first. */
    void delete(Folder folder, String name, FileFacts facts) throws IOException, InterruptedException {
        boolean isFolder = facts.kind() == Kind.DIRECTORY;
        if (isFolder) {
            try (Folder child = folder.folder(name)) {
                for (String inside : child.names(pace)) {
                    FileFacts there = child.facts(inside);
                    if (there != null) {
                        delete(child, inside, there);
                    }
                }
            }
        }
        deleteOne(folder, name, isFolder);
    }

    /** Deletes the name; a folder must be empty. */
    void deleteOne(Folder folder, String name, boolean isFolder) throws IOException, InterruptedException {
        try {
            folder.delete(name, isFolder);
        } catch (NoSuchFileException e) {
            return; // what was to be reached is reached
        }
        done();
    }

    static FileSystemException within(String shown) {
        return new FileSystemException(shown, null, "lies within the source; wanted a destination outside it");
    }

    private void done() throws InterruptedException {
        files++;
        pace.entry();
    }
}
