package dev.viber.api.auth;

import dev.viber.api.problem.ProblemException;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Tells who holds a bearer token. */
@ProviderType
public interface Authenticator {
    /** The principal of a valid token; empty where it is unknown, expired or revoked. Compares in constant time. */
    Optional<Principal> authenticate(String bearerToken);

    /**
     * As {@link #authenticate(String)}, for a caller somewhere: wrong guesses are counted by address.
     *
     * @param address the caller's network address as text
     * @throws ProblemException {@code TOO_MANY} with the extension {@link Guesses#RETRY_AFTER} where this address
     *     guessed too often; a token that was valid a while ago is looked at all the same
     */
    default Optional<Principal> authenticate(String bearerToken, String address) {
        return authenticate(bearerToken);
    }
}
