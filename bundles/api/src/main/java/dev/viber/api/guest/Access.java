package dev.viber.api.guest;

import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** Who may speak to the agent: who has its token, or, where it has none, programs of this machine that are no web page. */
@ProviderType
public interface Access {
    /** Whether a token is asked for. */
    boolean hasToken();

    /** The file of the token has changed: the new one counts from now on. */
    void renew();

    /**
     * Why a request is refused, or null where it is let in.
     *
     * @param authorization the header of that name, or null; {@code Bearer TOKEN}, compared in constant time
     * @param host the header {@code Host}, or null
     * @param origin the header {@code Origin}, or null
     */
    @Nullable
    String refusal(@Nullable String authorization, @Nullable String host, @Nullable String origin);
}
