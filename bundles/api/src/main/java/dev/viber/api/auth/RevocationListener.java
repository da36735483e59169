package dev.viber.api.auth;

import org.osgi.annotation.versioning.ConsumerType;

/** Is told at once when a token is revoked, so that what it opened can be closed; registered as a service. */
@ConsumerType
public interface RevocationListener {
    /** The token of this principal is no longer valid. */
    void revoked(Principal principal);
}
