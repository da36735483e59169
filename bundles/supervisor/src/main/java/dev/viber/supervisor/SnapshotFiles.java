package dev.viber.supervisor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of snapshots: made once, then only read. A hypervisor takes a torn file for a whole one, so a snapshot counts
 * only when all its files are synced and their digests are in the store.
 */
final class SnapshotFiles {
    private static final int CHUNK = 1 << 20;

    private SnapshotFiles() {}

    /** Syncs the files and their folder; the digest of each by its name. */
    static Map<String, String> settle(Path folder, List<String> names) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        for (String name : names) {
            Path file = folder.resolve(name);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            digests.put(name, digest(file));
            if (!file.toFile().setReadOnly()) {
                throw new IOException("%s cannot be made read-only".formatted(file));
            }
        }
        sync(folder);
        sync(folder.resolveSibling("."));
        return digests;
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** What is wrong with the files; empty where they are what they were. */
    static String fault(Path folder, Map<String, String> digests) throws IOException {
        for (Map.Entry<String, String> each : digests.entrySet()) {
            Path file = folder.resolve(each.getKey());
            if (!Files.exists(file)) {
                return "its file %s is gone".formatted(file);
            }
            if (!digest(file).equals(each.getValue())) {
                return "its file %s is not what was written".formatted(file);
            }
        }
        return "";
    }

    /** Equal as long as nobody has put others in their place: sizes, times and inodes; a file that is gone is said to be. */
    static String identity(Path folder, Set<String> names) throws IOException {
        StringBuilder identity = new StringBuilder();
        for (String name : new TreeSet<>(names)) {
            identity.append(name).append(' ');
            try {
                BasicFileAttributes file = Files.readAttributes(folder.resolve(name), BasicFileAttributes.class);
                identity.append(file.size())
                        .append(' ')
                        .append(file.lastModifiedTime())
                        .append(' ')
                        .append(file.fileKey());
            } catch (NoSuchFileException e) {
                identity.append("is gone");
            }
            identity.append('\n');
        }
        return identity.toString();
    }

    /** What is wrong with the files, seen without reading them; empty where nothing is. */
    static String glance(Path folder, Set<String> names, long bytes) throws IOException {
        for (String name : names) {
            if (!Files.exists(folder.resolve(name))) {
                return "its file %s is gone".formatted(folder.resolve(name));
            }
        }
        long found = bytes(folder);
        return found == bytes ? "" : "its files are %d bytes, and %d were written".formatted(found, bytes);
    }

    /** Together; what of a guest's memory was never used is counted, though it takes no room. */
    static long bytes(Path folder) throws IOException {
        long bytes = 0;
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    private static String digest(Path file) throws IOException {
        MessageDigest sha = sha256();
        ByteBuffer bytes = ByteBuffer.allocateDirect(CHUNK);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (channel.read(bytes.clear()) >= 0) {
                sha.update(bytes.flip());
            }
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    /** One for all files, in the order of their names. */
    static String digest(Map<String, String> digests) {
        StringBuilder lines = new StringBuilder();
        new TreeMap<>(digests)
                .forEach((name, digest) ->
                        lines.append(digest).append("  ").append(name).append('\n'));
        return HexFormat.of().formatHex(sha256().digest(lines.toString().getBytes(StandardCharsets.UTF_8)));
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
