package dev.viber.api.plugin;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A plugin of a viber, as it is shown.
 *
 * @param id at the gateway {@code <symbolic name>@<viber id>}, on the viber itself the symbolic name
 * @param viberId the viber it belongs to; null on the viber itself
 * @param version of the bundle that serves or, while a roll-out is under way, of the one that is to
 * @param digest SHA-256 of its jar as {@code sha256:} and lower-case hex
 * @param state a word of {@link PluginLifecycle.Phase}
 * @param services what it offers now: the names of its tools, the interfaces of all else
 * @param formerVersion the version that serves, or is put back, while a roll-out is under way; null for none
 * @param signedBy the key that signed it; null where it was let in unsigned
 * @param error what went wrong last, for people; null where nothing did
 * @param offer names the request that this state answers
 */
public record Plugin(
        String id,
        @Nullable String viberId,
        String symbolicName,
        String version,
        String digest,
        String state,
        List<String> services,
        @Nullable String formerVersion,
        @Nullable String signedBy,
        @Nullable String error,
        String offer,
        Instant createdAt,
        Instant updatedAt) {}
