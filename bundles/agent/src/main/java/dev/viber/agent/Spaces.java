package dev.viber.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tasks' own folders and the artifacts in them. */
final class Spaces {
    /** Bytes that lie on the disk for good. */
    record Stored(Path place, long bytes, String sha256) {}

    private static final Logger LOG = LoggerFactory.getLogger(Spaces.class);

    private final Path root;
    private final long mostBytes;

    /** Spaces in this folder, whose artifacts have at most so many bytes. */
    Spaces(Path root, long mostBytes) {
        this.root = root.toAbsolutePath().normalize();
        this.mostBytes = mostBytes;
    }

    /**
     * Opens a file within the workspace: links are followed once, and what they led to is then opened name by name without
     * following any more, so that one swapped in between leads nowhere.
     */
    @SuppressWarnings("StreamResourceLeak") // each folder is closed when the next one is open, the last at the end
    static InputStream read(Path workspace, String path) throws IOException {
        Path home = workspace.toRealPath();
        Path real = home.resolve(path).toRealPath();
        if (!real.startsWith(home) || real.equals(home)) {
            throw new FileSystemException(path, null, "leads out of the workspace, or to no file in it");
        }
        Path relative = home.relativize(real);
        DirectoryStream<Path> opened = Files.newDirectoryStream(home);
        if (!(opened instanceof SecureDirectoryStream<Path> top)) {
            opened.close();
            return Files.newInputStream(real, LinkOption.NOFOLLOW_LINKS); // no folder can be held open here
        }
        SecureDirectoryStream<Path> folder = top;
        try {
            for (Path name : relative.getParent() == null ? List.<Path>of() : relative.getParent()) {
                SecureDirectoryStream<Path> next = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS);
                folder.close();
                folder = next;
            }
            Path name = relative.getFileName();
            if (!folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes()
                    .isRegularFile()) {
                throw new FileSystemException(path, null, "is no regular file");
            }
            return Channels.newInputStream(
                    folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
        } finally {
            folder.close();
        }
    }

    /** Removes what a task that is gone made. */
    void remove(String taskId) {
        Path folder = child(root, taskId, "task id");
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> inside = Files.walk(folder)) {
            for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("the space of task {} could not be removed: {}", taskId, e.toString());
        }
    }

    /** The tasks that have a space. */
    List<String> tasks() {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> spaces = Files.list(root)) {
            return spaces.map(space -> space.getFileName().toString()).toList();
        } catch (IOException e) {
            LOG.warn("the spaces could not be listed: {}", e.toString());
            return List.of();
        }
    }

    /** Writes an artifact so that it is there whole or not at all, and still after a power cut. */
    Stored store(String taskId, String name, InputStream from) throws IOException {
        Path folder = child(root, taskId, "task id").resolve("artifacts");
        Path place = child(folder, name, "artifact name");
        Files.createDirectories(folder);
        Path temporary = Files.createTempFile(folder, ".new-", "");
        try {
            MessageDigest digest = sha256();
            long bytes;
            try (FileChannel file = FileChannel.open(temporary, StandardOpenOption.WRITE);
                    OutputStream out = new DigestOutputStream(Channels.newOutputStream(file), digest)) {
                bytes = copy(from, out, name);
                file.force(true);
            }
            Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
            return new Stored(place, bytes, HexFormat.of().formatHex(digest.digest()));
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private long copy(InputStream from, OutputStream out, String name) throws IOException {
        byte[] buffer = new byte[64 * 1024];
        long bytes = 0;
        for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
            bytes += n;
            if (bytes > mostBytes) {
                throw new IllegalArgumentException(
                        "artifact %s has more than the %d bytes a viber keeps".formatted(name, mostBytes));
            }
            out.write(buffer, 0, n);
        }
        return bytes;
    }

    private static Path child(Path folder, String name, String what) {
        if (name.isBlank()
                || name.startsWith(".")
                || name.length() > 200
                || name.chars().anyMatch(c -> c == '/' || c == '\\' || c < ' ')) {
            throw new IllegalArgumentException(
                    "%s '%s': wanted a file name of 1 to 200 characters, without a slash or a dot at its start"
                            .formatted(what, name));
        }
        return folder.resolve(name);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
