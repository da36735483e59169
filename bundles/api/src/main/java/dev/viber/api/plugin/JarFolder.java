package dev.viber.api.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder of jars, each under its digest: written once, whole and synced, and never overwritten, since a framework may
 * have it open.
 *
 * <p>Safe for use by several threads.
 */
public final class JarFolder {
    /** What is well-formed as a digest. */
    public static final String DIGEST_PATTERN = "sha256:[0-9a-f]{64}";

    private static final String PREFIX = "sha256:";
    private static final Pattern DIGEST = Pattern.compile(DIGEST_PATTERN);

    /** There is more of it than allowed. */
    public static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long most) {
            super("the jar is larger than the %,d bytes allowed".formatted(most));
        }
    }

    private final Path folder;

    /** The folder, which is made where it is not there. */
    public JarFolder(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder.toAbsolutePath().normalize());
    }

    /** Where the jar of this digest lies, or would lie. */
    public Path path(String digest) {
        if (!DIGEST.matcher(digest).matches()) {
            throw new IllegalArgumentException("'%s' is no digest; wanted %s".formatted(digest, DIGEST_PATTERN));
        }
        return folder.resolve(digest.substring(PREFIX.length()) + ".jar");
    }

    /**
     * Lays a jar down; durable when this returns.
     *
     * @param most how many bytes it may have
     * @return its digest
     * @throws TooLargeException where it has more
     */
    public String lay(InputStream jar, long most) throws IOException {
        Path fresh = Files.createTempFile(folder, "coming-", ".part");
        try {
            MessageDigest sha256 = sha256();
            try (InputStream in = new DigestInputStream(jar, sha256);
                    OutputStream out = Files.newOutputStream(fresh)) {
                byte[] buffer = new byte[64 * 1024];
                long bytes = 0;
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    bytes += n;
                    if (bytes > most) {
                        throw new TooLargeException(most);
                    }
                    out.write(buffer, 0, n);
                }
            }
            String digest = PREFIX + HexFormat.of().formatHex(sha256.digest());
            Path place = path(digest);
            if (!isWhole(digest)) {
                sync(fresh, StandardOpenOption.WRITE);
                Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                sync(folder, StandardOpenOption.READ);
            }
            return digest;
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Whether the jar of this digest is there, and still has it. */
    public boolean isWhole(String digest) throws IOException {
        Path place = path(digest);
        if (!Files.isRegularFile(place)) {
            return false;
        }
        MessageDigest sha256 = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(place), sha256)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return digest.equals(PREFIX + HexFormat.of().formatHex(sha256.digest()));
    }

    /** Takes away whatever has none of these digests. */
    public void keepOnly(Collection<String> digests) throws IOException {
        Collection<Path> kept = digests.stream().map(this::path).toList();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(each -> !kept.contains(each)).toList()) {
                if (file.toString().endsWith(".jar") || file.toString().endsWith(".part")) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** The 32 bytes of a digest, which is what a signature is made over. */
    public static byte[] bytes(String digest) {
        return HexFormat.of().parseHex(digest.substring(PREFIX.length()));
    }

    private static void sync(Path path, StandardOpenOption mode) throws IOException {
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
