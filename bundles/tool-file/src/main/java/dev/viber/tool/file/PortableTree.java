package dev.viber.tool.file;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tree by real paths: what leads outside is refused when it is looked at, not at the instant it is used. */
final class PortableTree extends Tree {
    private final Path root;

    private PortableTree(Path root, List<String> spellings, String prefix) {
        super(spellings, prefix);
        this.root = root;
    }

    /** Opens the root at a trusted path. */
    static PortableTree open(Path root, String prefix) throws IOException {
        Path real = root.toRealPath();
        return new PortableTree(real, List.of(slashed(root), slashed(real)), prefix);
    }

    @Override
    Folder folder(String path) throws IOException {
        Path real = resolve(path);
        if (!Files.isDirectory(real)) {
            throw new NotDirectoryException(shown(path));
        }
        return new PortableFolder(this, real, path);
    }

    @Override
    OpenFile read(String path) throws IOException {
        return PortableFile.read(resolve(path), shown(path));
    }

    @Override
    @Nullable
    FileFacts facts(String path) throws IOException {
        try {
            return PortableFile.factsOf(resolve(path));
        } catch (NoSuchFileException | NotDirectoryException e) {
            return null;
        }
    }

    @Override
    public void close() {
        // holds nothing open
    }

    private Path resolve(String path) throws IOException {
        try {
            Path real = root.resolve(path).toRealPath();
            if (!real.startsWith(root)) {
                throw new OutsideException(shown(path));
            }
            return real;
        } catch (NoSuchFileException e) {
            throw climbsOut(path) ? new OutsideException(shown(path)) : new NoSuchFileException(shown(path));
        } catch (OutsideException e) {
            throw e;
        } catch (FileSystemException e) {
            // The platform has no type of its own for a path that goes through a plain file.
            for (Path above = root.resolve(path).getParent();
                    above != null && above.startsWith(root);
                    above = above.getParent()) {
                if (Files.exists(above) && !Files.isDirectory(above)) {
                    throw new NotDirectoryException(shown(path));
                }
            }
            throw e;
        } catch (InvalidPathException e) {
            throw new NoSuchFileException(shown(path), null, "is no path of this system: " + e.getReason());
        }
    }

    /** The path with {@code /} between names, as everywhere in this bundle. */
    static String slashed(Path path) {
        return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }
}
