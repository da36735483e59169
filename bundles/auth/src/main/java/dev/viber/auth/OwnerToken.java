package dev.viber.auth;

import dev.viber.api.auth.Role;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TokenRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** The owner's token, made at the first start and kept in a file that only the owner can read. */
final class OwnerToken {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final Path file;

    OwnerToken(Path file) {
        this.file = file;
    }

    /** Makes the file where there is none, and sees that the store knows the token in it; one that was revoked stays so. */
    void ensureKnown(Tables tables) {
        String token = read().orElseGet(() -> write(Secrets.newToken(Secrets.newId())));
        String id = Secrets.idOf(token)
                .orElseThrow(() -> new IllegalStateException(
                        "%s does not hold a token; remove it to have a new one made".formatted(file)));
        Optional<TokenRow> row = tables.tokens().find(id);
        if (row.isEmpty()) {
            tables.tokens()
                    .put(new TokenRow(
                            id, Role.OWNER, null, "owner", Secrets.hash(token), Instant.now(), null, null, null, null));
        } else if (row.get().revokedAt() == null
                && !Secrets.same(Secrets.hash(token), row.get().hash())) {
            // A rotation that wrote the file, and was cut off before its commit.
            tables.tokens().put(Keys.rotated(row.get(), token, null));
        }
    }

    /** Whether the token in the file is the one of this id. */
    boolean isInFile(String tokenId) {
        return read().flatMap(Secrets::idOf).filter(tokenId::equals).isPresent();
    }

    /** Puts another token in the file, which is whole or as before; returns it. */
    String write(String token) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            boolean posix = Files.getFileStore(folder).supportsFileAttributeView("posix");
            FileAttribute<?>[] mode = posix
                    ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                    : new FileAttribute<?>[0];
            // Written beside and moved into place, so that a crash leaves the whole token or none.
            Path fresh = Files.createTempFile(folder, "owner", ".new", mode);
            try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                out.write(ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII)));
                out.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the owner token " + file, e);
        }
    }

    private Optional<String> read() {
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the owner token " + file, e);
        }
    }
}
