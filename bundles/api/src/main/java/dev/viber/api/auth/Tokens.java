package dev.viber.api.auth;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/** Issues, lists, rotates and revokes tokens. */
@ProviderType
public interface Tokens {
    /** How long the old secret of a rotated token may stay valid at most. */
    Duration LONGEST_GRACE = Duration.ofDays(30);

    /**
     * A token as others may see it.
     *
     * @param name free text of whoever issued it
     * @param expiresAt null where it does not expire
     * @param revokedAt null where it was not revoked
     */
    record Token(
            String id,
            Role role,
            @Nullable String viberId,
            @Nullable String name,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt) {}

    /** A fresh token with its secret, which is shown this once and stored only as a hash. */
    record Issued(String id, @Nullable String viberId, String token) {}

    /** Issues a token; durable when the promise resolves. */
    Promise<Issued> issue(Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime);

    /**
     * Issues a token once: asked again with the same words it answers with the very same token, which is derived
     * from them, so that its secret still is stored nowhere.
     *
     * @param once words that only this caller can know and that differ for each token wanted: its own bearer token, and a
     *     key. Who knows them knows the token
     * @return fails with a conflict where the first was for another role or viber, or of another name or lifetime
     */
    Promise<Issued> issueOnce(
            Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime, String once);

    /** Every token, newest first, or those of one viber. */
    List<Token> list(@Nullable String viberId);

    /** The token of this id. */
    Optional<Token> byId(String tokenId);

    /**
     * Gives a token a new secret; id, role, name and expiry stay.
     *
     * @param grace how long the old secret stays valid, zero to {@link #LONGEST_GRACE}
     * @return fails with a problem where there is no such token, or it is revoked or has expired
     */
    Promise<Issued> rotate(String tokenId, Duration grace);

    /**
     * Revokes a token at once: durable, and every {@link RevocationListener} told, when the promise resolves; fails with
     * a problem where there is no such token.
     */
    Promise<Token> revoke(String tokenId);

    /** Revokes every token of a viber. */
    Promise<Integer> revokeAll(String viberId);
}
