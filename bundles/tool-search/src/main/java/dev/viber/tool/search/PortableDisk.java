package dev.viber.tool.search;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Folders and files by real paths, looked at again before each use: for systems whose handles Java cannot hold. */
final class PortableDisk implements Disk {
    private @Nullable FileChannel file;

    @Override
    public @Nullable List<Entry> entries(Folder folder) {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> names = Files.newDirectoryStream(real(folder))) {
            for (Path each : names) {
                String name = String.valueOf(each.getFileName());
                entries.add(Entry.of(name, kind(each)));
            }
        } catch (IOException | DirectoryIteratorException e) {
            return null;
        }
        return entries;
    }

    private static Entry.Kind kind(Path path) {
        try {
            BasicFileAttributes facts =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return facts.isRegularFile() ? Entry.Kind.FILE : facts.isDirectory() ? Entry.Kind.FOLDER : Entry.Kind.OTHER;
        } catch (IOException e) {
            return Entry.Kind.OTHER;
        }
    }

    @Override
    public @Nullable Folder folder(Folder in, Entry entry) {
        Path real = at(in, entry);
        return real == null || kind(real) != Entry.Kind.FOLDER
                ? null
                : new Folder(-1, real, in.path(entry.name()), in.ignores);
    }

    @Override
    public boolean open(Folder in, Entry entry) {
        Path real = at(in, entry);
        return real != null && open(real);
    }

    /** Opens a regular file at a path that was found to lie within the root. */
    boolean open(Path real) {
        if (kind(real) != Entry.Kind.FILE) {
            return false;
        }
        try {
            file = FileChannel.open(real, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public int read(byte[] into, int offset, int length) {
        try {
            return Math.max(Objects.requireNonNull(file).read(ByteBuffer.wrap(into, offset, length)), 0);
        } catch (IOException e) {
            return -1;
        }
    }

    @Override
    public void closeFile() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    @Override
    public void release(Folder folder) {
        // holds nothing open
    }

    @Override
    public void standBack(int niceness) {
        // Java's own priorities promise nothing on the systems this is for
    }

    @Override
    public void close() {
        try {
            closeFile();
        } catch (IOException e) {
            file = null; // it was only read
        }
    }

    private static Path real(Folder folder) {
        return Objects.requireNonNull(folder.real);
    }

    private static @Nullable Path at(Folder in, Entry entry) {
        try {
            Path folder = real(in);
            return folder.toRealPath().equals(folder) ? folder.resolve(entry.name()) : null;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }
}
