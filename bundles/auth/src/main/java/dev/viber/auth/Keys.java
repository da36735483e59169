package dev.viber.auth;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens.Issued;
import dev.viber.api.auth.Tokens.Token;
import dev.viber.api.store.Tables.TokenRow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** What is done with rows of tokens, without the store. */
final class Keys {
    /** A token with the row to keep of it. */
    record Fresh(TokenRow row, Issued issued) {}

    private Keys() {}

    /** A fresh token. */
    static Fresh make(Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime) {
        String id = Secrets.newId();
        return make(role, viberId, name, lifetime, id, Secrets.newToken(id));
    }

    /** This very token. */
    static Fresh make(
            Role role,
            @Nullable String viberId,
            @Nullable String name,
            @Nullable Duration lifetime,
            String id,
            String token) {
        if ((role == Role.VIBER) != (viberId != null)) {
            throw new IllegalArgumentException("a viber's token, and no other, is bound to a viber");
        }
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        Instant end = lifetime == null ? null : now.plusMillis(lifetime.toMillis());
        return new Fresh(
                new TokenRow(id, role, viberId, name, Secrets.hash(token), now, end, null, null, null),
                new Issued(id, viberId, token));
    }

    /** The same token with another secret; the present one stays valid until then, where a time is named. */
    static TokenRow rotated(TokenRow row, String token, @Nullable Instant oldUntil) {
        return new TokenRow(
                row.id(),
                row.role(),
                row.viberId(),
                row.name(),
                Secrets.hash(token),
                row.createdAt(),
                row.expiresAt(),
                row.revokedAt(),
                oldUntil == null ? null : row.hash(),
                oldUntil);
    }

    /** The same token, revoked; nothing of an old secret stays. */
    static TokenRow revoked(TokenRow row, Instant at) {
        return new TokenRow(
                row.id(),
                row.role(),
                row.viberId(),
                row.name(),
                row.hash(),
                row.createdAt(),
                row.expiresAt(),
                at,
                null,
                null);
    }

    /** Whether the hash is that of the token's secret, or of the one before while that is still valid. */
    static boolean opens(TokenRow row, String hash, Instant now) {
        Instant oldUntil = row.oldUntil();
        boolean byOld = Secrets.same(hash, row.oldHash()) && oldUntil != null && now.isBefore(oldUntil);
        return Secrets.same(hash, row.hash()) || byOld;
    }

    /** Whether it is neither revoked nor expired. */
    static boolean isValid(TokenRow row, Instant now) {
        Instant expiresAt = row.expiresAt();
        return row.revokedAt() == null && (expiresAt == null || now.isBefore(expiresAt));
    }

    /** Who holds it. */
    static Principal principal(TokenRow row) {
        return new Principal(row.id(), row.role(), row.viberId(), row.name());
    }

    /** It as others may see it. */
    static Token token(TokenRow row) {
        return new Token(
                row.id(), row.role(), row.viberId(), row.name(), row.createdAt(), row.expiresAt(), row.revokedAt());
    }
}
