package dev.viber.api.auth;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Tells who holds a bearer token. */
@ProviderType
public interface Authenticator {
    /** The principal of a valid token; empty where it is unknown, expired or revoked. Compares in constant time. */
    Optional<Principal> authenticate(String bearerToken);
}
