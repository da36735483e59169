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

    /** Makes the file where there is none, and sees that the store knows the token in it. */
    void ensureKnown(Tables tables) {
        String token = read().orElseGet(this::make);
        String id = Secrets.idOf(token)
                .orElseThrow(() -> new IllegalStateException(
                        "%s does not hold a token; remove it to have a new one made".formatted(file)));
        boolean known = tables.tokens()
                .find(id)
                .filter(row -> Secrets.matches(token, row.hash()))
                .isPresent();
        if (!known) {
            tables.tokens()
                    .put(new TokenRow(id, Role.OWNER, null, "owner", Secrets.hash(token), Instant.now(), null, null));
        }
    }

    private Optional<String> read() {
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the owner token " + file, e);
        }
    }

    // Written beside and moved into place, so that a crash leaves the whole token or none.
    private String make() {
        String token = Secrets.newToken(Secrets.newId());
        try {
            Path folder = file.toAbsolutePath().getParent();
            Files.createDirectories(folder);
            boolean posix = Files.getFileStore(folder).supportsFileAttributeView("posix");
            FileAttribute<?>[] mode = posix
                    ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                    : new FileAttribute<?>[0];
            Path fresh = Files.createTempFile(folder, "owner", ".new", mode);
            try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                out.write(ByteBuffer.wrap((token + "\n").getBytes(StandardCharsets.US_ASCII)));
                out.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the owner token " + file, e);
        }
    }
}
