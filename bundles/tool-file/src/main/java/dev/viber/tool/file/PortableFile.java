package dev.viber.tool.file;

import dev.viber.tool.file.FileFacts.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file by its channel. */
record PortableFile(Path path, FileChannel channel) implements OpenFile {
    /** Opens a regular file to read. */
    static PortableFile read(Path real, String shown) throws IOException {
        requireRegular(factsOf(real), shown);
        return new PortableFile(real, FileChannel.open(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    /** Says what it is unless it is a regular file. */
    static void requireRegular(FileFacts facts, String shown) throws FileSystemException {
        switch (facts.kind()) {
            case FILE -> {}
            case DIRECTORY -> throw new FileSystemException(shown, null, LinuxTree.IS_FOLDER);
            case SYMLINK ->
                throw new FileSystemException(shown, null, "is a link that may not be followed; wanted a regular file");
            case OTHER -> throw new FileSystemException(shown, null, LinuxTree.NOT_REGULAR);
        }
    }

    static FileFacts factsOf(Path path) throws IOException {
        PosixFileAttributeView posix =
                Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        BasicFileAttributes facts = posix != null
                ? posix.readAttributes()
                : Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Kind kind;
        if (facts.isSymbolicLink()) {
            kind = Kind.SYMLINK;
        } else if (facts.isDirectory()) {
            kind = Kind.DIRECTORY;
        } else {
            kind = facts.isRegularFile() ? Kind.FILE : Kind.OTHER;
        }
        @Nullable Object key = facts.fileKey();
        int mode = facts instanceof PosixFileAttributes p ? bits(p.permissions()) : -1;
        Object identity = Objects.requireNonNullElse(key, path);
        return new FileFacts(kind, facts.size(), facts.lastModifiedTime().toMillis(), mode, identity);
    }

    @Override
    public FileFacts facts() throws IOException {
        return factsOf(path);
    }

    @Override
    public int read(byte[] into, int offset, int length, long position) throws IOException {
        return Math.max(0, channel.read(ByteBuffer.wrap(into, offset, length), position));
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(from, offset, length);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    @Override
    public void permit(int mode) throws IOException {
        permit(path, mode);
    }

    static void permit(Path path, int mode) throws IOException {
        PosixFileAttributeView posix =
                Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (mode >= 0 && posix != null) {
            posix.setPermissions(permissions(mode));
        }
    }

    @Override
    public void sync() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** The nine bits as the platform's set. */
    static Set<PosixFilePermission> permissions(int mode) {
        EnumSet<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        for (PosixFilePermission permission : PosixFilePermission.values()) {
            if ((mode & bit(permission)) != 0) {
                set.add(permission);
            }
        }
        return set;
    }

    private static int bits(Set<PosixFilePermission> set) {
        return set.stream().mapToInt(PortableFile::bit).sum();
    }

    private static int bit(PosixFilePermission permission) {
        return switch (permission) {
            case OWNER_READ -> 0x100;
            case OWNER_WRITE -> 0x80;
            case OWNER_EXECUTE -> 0x40;
            case GROUP_READ -> 0x20;
            case GROUP_WRITE -> 0x10;
            case GROUP_EXECUTE -> 0x8;
            case OTHERS_READ -> 0x4;
            case OTHERS_WRITE -> 0x2;
            case OTHERS_EXECUTE -> 0x1;
        };
    }
}
