package dev.viber.cli;

import dev.viber.api.plugin.PluginSignature;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A publisher's key pair in a file: two PEM blocks, the private one as PKCS #8, the public one beside it. */
final class PublisherKey {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN (PRIVATE|PUBLIC) KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1 KEY-----");

    private PublisherKey() {}

    /** Makes a key pair; the file is its owner's alone, and none is written over. Returns the key's id. */
    static String make(Path file) throws IOException {
        try {
            KeyPair pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
            FileAttribute<?>[] mode = posix
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];
            Path absolute = file.toAbsolutePath();
            Files.createDirectories(absolute.getParent());
            Files.createFile(absolute, mode);
            Files.writeString(
                    absolute,
                    block("PRIVATE", pair.getPrivate().getEncoded())
                            + block("PUBLIC", pair.getPublic().getEncoded()));
            Files.writeString(
                    absolute.resolveSibling(absolute.getFileName() + ".pub"),
                    block("PUBLIC", pair.getPublic().getEncoded()));
            return PluginSignature.keyId(pair.getPublic());
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(Exit.USAGE, file + " is there already; a key is not written over");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has Ed25519", e);
        }
    }

    /** The id of the key in a file, its private or its public half. */
    static String id(Path file) throws IOException {
        try {
            return PluginSignature.keyId(
                    KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(block("PUBLIC", file))));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CommandFailure(Exit.FAILED, "%s holds no Ed25519 key: %s".formatted(file, e.getMessage()));
        }
    }

    /** Signs a jar. */
    static PluginSignature sign(Path jar, Path file) throws IOException {
        try {
            PrivateKey key =
                    KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(block("PRIVATE", file)));
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initSign(key);
            byte[] digest = digest(jar);
            ed25519.update(digest);
            PluginSignature signature =
                    new PluginSignature(id(file), Base64.getEncoder().encodeToString(ed25519.sign()));
            if (!signature.signs(digest)) {
                throw new CommandFailure(
                        Exit.FAILED, "the two halves of the key in " + file + " do not belong together");
            }
            return signature;
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new CommandFailure(Exit.FAILED, "%s holds no Ed25519 key: %s".formatted(file, e.getMessage()));
        }
    }

    private static byte[] digest(Path jar) throws IOException, GeneralSecurityException {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(jar), sha256)) {
            in.transferTo(OutputStream.nullOutputStream());
        } catch (NoSuchFileException e) {
            throw new CommandFailure(Exit.USAGE, "there is no file " + jar);
        }
        return sha256.digest();
    }

    private static String block(String half, byte[] encoded) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN %s KEY-----\n%s\n-----END %s KEY-----\n".formatted(half, body, half);
    }

    private static byte[] block(String half, Path file) throws IOException {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.US_ASCII);
        } catch (NoSuchFileException e) {
            throw new CommandFailure(Exit.USAGE, "there is no key file " + file + "; viber plugin key makes one");
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new CommandFailure(Exit.FAILED, file + " holds no PEM text");
        }
        Matcher blocks = BLOCK.matcher(text);
        while (blocks.find()) {
            if (blocks.group(1).equals(half)) {
                return Base64.getMimeDecoder().decode(blocks.group(2));
            }
        }
        throw new CommandFailure(
                Exit.FAILED,
                "%s has no block 'BEGIN %s KEY', the form that viber plugin key writes".formatted(file, half));
    }
}
