package dev.viber.tool.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A folder by its real path, which is looked at again before each use. */
record PortableFolder(Tree tree, Path folder, String path) implements Folder {
    @Override
    public FileFacts facts() throws IOException {
        return PortableFile.factsOf(folder);
    }

    @Override
    public @Nullable FileFacts facts(String name) throws IOException {
        try {
            return PortableFile.factsOf(at(name));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public List<String> names(Pace pace) throws IOException, InterruptedException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                pace.check();
                names.add(String.valueOf(entry.getFileName()));
            }
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public Folder folder(String name) throws IOException {
        Path child = at(name);
        if (!Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
            throw new NotDirectoryException(shown(name));
        }
        return new PortableFolder(tree, child, Tree.join(path, name));
    }

    @Override
    public OpenFile read(String name) throws IOException {
        return PortableFile.read(at(name), shown(name));
    }

    @Override
    public OpenFile create(String name) throws IOException {
        return open(name, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW));
    }

    @Override
    public OpenFile append(String name) throws IOException {
        FileFacts there = facts(name);
        if (there != null) {
            PortableFile.requireRegular(there, shown(name));
        }
        return open(name, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public void makeFolder(String name) throws IOException {
        Files.createDirectory(at(name));
    }

    @Override
    public void makeLink(String name, String target) throws IOException {
        Files.createSymbolicLink(at(name), Path.of(target));
    }

    @Override
    public String readLink(String name) throws IOException {
        return PortableTree.slashed(Files.readSymbolicLink(at(name)));
    }

    @Override
    public void rename(String name, Folder to, String newName, boolean replace) throws IOException {
        if (!(to instanceof PortableFolder target)) {
            throw new IllegalArgumentException("a folder of another kind of tree: " + to);
        }
        if (!replace && target.facts(newName) != null) {
            throw new FileAlreadyExistsException(target.shown(newName));
        }
        try {
            Files.move(at(name), target.at(newName), StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new CrossDeviceException(target.shown(newName));
        }
    }

    @Override
    public void delete(String name, boolean asFolder) throws IOException {
        FileFacts there = facts(name);
        if (there != null && (there.kind() == FileFacts.Kind.DIRECTORY) != asFolder) {
            throw new FileSystemException(shown(name), null, "became something else meanwhile");
        }
        Files.delete(at(name));
    }

    @Override
    public void permit(int mode) throws IOException {
        PortableFile.permit(folder, mode);
    }

    @Override
    public void sync() throws IOException {
        if (folder.getFileSystem().getSeparator().equals("/")) { // Windows cannot open a folder, nor needs to
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    @Override
    public void close() {
        // holds nothing open
    }

    private PortableFile open(String name, Set<? extends OpenOption> options) throws IOException {
        Path file = at(name);
        return new PortableFile(file, FileChannel.open(file, options));
    }

    private Path at(String name) throws IOException {
        if (!folder.toRealPath().equals(folder)) {
            throw new OutsideException(tree.shown(path));
        }
        try {
            return folder.resolve(name);
        } catch (InvalidPathException e) {
            throw new NoSuchFileException(shown(name), null, "is no name of this system: " + e.getReason());
        }
    }

    private String shown(String name) {
        return tree.shown(Tree.join(path, name));
    }
}
