package dev.viber.tool.browser;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A folder of encrypted files: AES-256 in GCM, with a key in the file {@code key}, which its owner alone can read. A file is a
 * byte for the form, a nonce, and the rest; its name is authenticated with it, so that one does not pass for another.
 */
final class Vault {
    private static final byte FORM = 1;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int KEY = 32;
    private static final FileAttribute<Set<PosixFilePermission>> FOLDER =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;
    private final SecureRandom random = new SecureRandom();

    Vault(Path folder) {
        this.folder = folder;
    }

    /** Keeps a text under a name, in place of what was there; whole or not at all. */
    void put(String kind, String name, String text) throws IOException {
        Path place = place(kind, name);
        Files.createDirectories(place.getParent(), FOLDER);
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        Path next = Files.createTempFile(place.getParent(), ".new-", "", FILE);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, nonce, kind, name).doFinal(text.getBytes(StandardCharsets.UTF_8));
            try (FileChannel file = FileChannel.open(next, StandardOpenOption.WRITE)) {
                ByteBuffer all = ByteBuffer.allocate(1 + NONCE + sealed.length)
                        .put(FORM)
                        .put(nonce)
                        .put(sealed)
                        .flip();
                while (all.hasRemaining()) {
                    file.write(all);
                }
                file.force(true);
            }
            Files.move(next, place, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (GeneralSecurityException e) {
            throw new IOException("cannot be encrypted", e);
        } finally {
            Files.deleteIfExists(next);
        }
    }

    /**
     * What was kept; null where there is nothing of that name.
     *
     * @throws IOException where it was changed, or encrypted with another key
     */
    @Nullable
    String get(String kind, String name) throws IOException {
        byte[] all;
        try {
            all = Files.readAllBytes(place(kind, name));
        } catch (NoSuchFileException e) {
            return null;
        }
        if (all.length < 1 + NONCE || all[0] != FORM) {
            throw new IOException("%s '%s' is not of a form this version reads".formatted(kind, name));
        }
        byte[] nonce = java.util.Arrays.copyOfRange(all, 1, 1 + NONCE);
        try {
            byte[] plain =
                    cipher(Cipher.DECRYPT_MODE, nonce, kind, name).doFinal(all, 1 + NONCE, all.length - 1 - NONCE);
            return new String(plain, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "%s '%s' cannot be read: it was changed, or encrypted with another key".formatted(kind, name), e);
        }
    }

    void remove(String kind, String name) throws IOException {
        Files.deleteIfExists(place(kind, name));
    }

    /** The names there are. */
    List<String> names(String kind) throws IOException {
        Path of = folder.resolve(kind);
        if (!Files.isDirectory(of)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(of)) {
            return files.map(each -> String.valueOf(each.getFileName()))
                    .filter(each -> !each.startsWith("."))
                    .sorted()
                    .toList();
        }
    }

    private Path place(String kind, String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,127}")) {
            throw new IllegalArgumentException(
                    "'%s' is no name: wanted letters, digits, dots, hyphens and underscores".formatted(name));
        }
        return folder.resolve(kind).resolve(name);
    }

    private Cipher cipher(int mode, byte[] nonce, String kind, String name)
            throws IOException, GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key(), "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD((kind + "/" + name).getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    /** The key, made where there is none yet; linked into place whole, so that of two who make one both have the same. */
    private byte[] key() throws IOException {
        Path file = folder.resolve("key");
        if (!Files.exists(file)) {
            Files.createDirectories(folder, FOLDER);
            byte[] key = new byte[KEY];
            random.nextBytes(key);
            Path next = Files.createTempFile(folder, ".key-", "", FILE);
            try {
                Files.write(next, key);
                Files.createLink(file, next);
            } catch (FileAlreadyExistsException e) {
                // Another thread was as quick.
            } finally {
                Files.delete(next);
            }
        }
        byte[] key = Files.readAllBytes(file);
        if (key.length != KEY) {
            throw new IOException("%s is no key: wanted %d bytes".formatted(file, KEY));
        }
        return key;
    }
}
