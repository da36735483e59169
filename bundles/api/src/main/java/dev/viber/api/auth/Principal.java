package dev.viber.api.auth;

import org.jspecify.annotations.Nullable;

/**
 * Who is calling, as proven by a token.
 *
 * @param tokenId the token's id, never its secret
 * @param role what it allows
 * @param viberId the one viber a {@link Role#VIBER} token is bound to; null for every other role
 * @param name the token's name for people; null for none
 */
public record Principal(
        String tokenId,
        Role role,
        @Nullable String viberId,
        @Nullable String name) {
    /** The holder of a token without a name. */
    public Principal(String tokenId, Role role, @Nullable String viberId) {
        this(tokenId, role, viberId, null);
    }
}
