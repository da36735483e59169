package dev.viber.agent;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The tasks' own folders and the artifacts in them. */
final class Spaces {
    /** Bytes that lie on the disk for good. */
    record Stored(Path place, long bytes, String sha256) {}

    private final Path root;

    Spaces(Path root) {
        this.root = root.toAbsolutePath().normalize();
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
                bytes = from.transferTo(out);
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

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
