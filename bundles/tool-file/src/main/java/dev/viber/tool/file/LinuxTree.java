package dev.viber.tool.file;

import dev.viber.tool.file.FileFacts.Kind;
import dev.viber.tool.file.Kernel.Refused;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tree by directory handles: the kernel resolves each path once and keeps it beneath the root. */
final class LinuxTree extends Tree {
    private final Path root;
    private final int handle;

    private LinuxTree(Path root, int handle, List<String> spellings, String prefix) {
        super(spellings, prefix);
        this.root = root;
        this.handle = handle;
    }

    /** Opens the root at a trusted path. */
    static LinuxTree open(Path root, String prefix) throws IOException {
        Path real = root.toRealPath();
        try {
            int handle = Kernel.openRoot(real.toString());
            return new LinuxTree(real, handle, List.of(root.toString(), real.toString()), prefix);
        } catch (Refused e) {
            throw failure(e, prefix.isEmpty() ? "." : prefix);
        }
    }

    @Override
    Folder folder(String path) throws IOException {
        return new LinuxFolder(this, resolve(path, Kernel.FOLDER_ONLY), path);
    }

    @Override
    OpenFile read(String path) throws IOException {
        return LinuxFile.regular(resolve(path, Kernel.NO_WAIT), shown(path));
    }

    @Override
    @Nullable
    FileFacts facts(String path) throws IOException {
        int file;
        try {
            file = resolve(path, Kernel.PATH_ONLY);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return null;
        }
        try {
            return factsOf(file, "");
        } catch (Refused e) {
            throw failure(e, shown(path));
        } finally {
            Kernel.close(file);
        }
    }

    @Override
    public void close() throws IOException {
        Kernel.close(handle);
    }

    private int resolve(String path, int flags) throws IOException {
        String wanted = path.isEmpty() ? "." : path;
        try {
            return Kernel.open(handle, wanted, flags, 0);
        } catch (Refused e) {
            if (e.errno() == Kernel.ENOENT && climbsOut(path)) {
                throw new OutsideException(shown(path));
            }
            if (e.errno() != Kernel.EXDEV) {
                throw failure(e, shown(path));
            }
        }
        // The kernel refuses every absolute link, also one that leads back in. Where this one leads is only a hint:
        // what it gives is opened beneath the root like any other path.
        try {
            return Kernel.open(handle, realPath(wanted, path), flags, 0);
        } catch (Refused e) {
            throw e.errno() == Kernel.EXDEV ? new OutsideException(shown(path)) : failure(e, shown(path));
        }
    }

    private String realPath(String wanted, String path) throws IOException {
        Path real;
        try {
            real = root.resolve(wanted).toRealPath();
        } catch (InvalidPathException | IOException e) {
            throw new OutsideException(shown(path));
        }
        if (!real.startsWith(root)) {
            throw new OutsideException(shown(path));
        }
        String rest = root.relativize(real).toString();
        return rest.isEmpty() ? "." : rest;
    }

    /** Facts by statx, whose layout is the same on every architecture. */
    static FileFacts factsOf(int at, String name) throws Refused {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment facts = arena.allocate(Kernel.STATX_SIZE, 8);
            Kernel.statx(at, name, facts);
            int mode = Short.toUnsignedInt(facts.get(ValueLayout.JAVA_SHORT, 28));
            long inode = facts.get(ValueLayout.JAVA_LONG, 32);
            long size = facts.get(ValueLayout.JAVA_LONG, 40);
            long seconds = facts.get(ValueLayout.JAVA_LONG, 112);
            int nanos = facts.get(ValueLayout.JAVA_INT, 120);
            int major = facts.get(ValueLayout.JAVA_INT, 136);
            int minor = facts.get(ValueLayout.JAVA_INT, 140);
            Kind kind = switch (mode & 0xf000) {
                case 0x8000 -> Kind.FILE;
                case 0x4000 -> Kind.DIRECTORY;
                case 0xa000 -> Kind.SYMLINK;
                default -> Kind.OTHER;
            };
            long millis = seconds * 1_000 + nanos / 1_000_000;
            return new FileFacts(kind, size, millis, mode & 0xfff, List.of(major, minor, inode));
        }
    }

    /** The exception that fits the error, with the path as people see it. */
    static IOException failure(Refused refused, String shown) {
        return switch (refused.errno()) {
            case Kernel.ENOENT -> new NoSuchFileException(shown);
            case 1, 13 -> new AccessDeniedException(shown);
            case 17 -> new FileAlreadyExistsException(shown);
            case 20 -> new NotDirectoryException(shown);
            case 39 -> new DirectoryNotEmptyException(shown);
            case Kernel.EXDEV -> new CrossDeviceException(shown);
            case 6 -> new FileSystemException(shown, null, NOT_REGULAR);
            case 21 -> new FileSystemException(shown, null, IS_FOLDER);
            case 24 -> new FileSystemException(shown, null, "cannot be opened: this process holds too many files open");
            case 28, 122 -> new FileSystemException(shown, null, "cannot be written: no space is left");
            case 30 -> new FileSystemException(shown, null, "is on a read-only file system");
            case 36 -> new FileSystemException(shown, null, "has a name that is too long");
            case 40 ->
                new FileSystemException(shown, null, "goes through a link that may not be followed, or too many links");
            default -> new FileSystemException(shown, null, "failed (%s)".formatted(refused.getMessage()));
        };
    }

    static final String NOT_REGULAR = "is a pipe, a device or a socket; wanted a regular file";
    static final String IS_FOLDER = "is a directory; wanted a regular file";
}
