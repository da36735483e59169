package dev.viber.api.viber;

import dev.viber.api.task.TaskDesk.Page;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/** Where clients ask about vibers; the gateway stands behind it. Promises resolve when the change is durable. */
@ProviderType
public interface ViberDesk {
    /** What is well-formed as a viber's id. */
    String ID_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    /** {@link #ID_PATTERN} in words. */
    String ID_WORDS = "1 to 64 letters, digits, dots, underscores and hyphens, beginning with a letter or digit";

    /** The viber, if there is one. */
    Optional<Viber> find(String viberId);

    /** Vibers by id. */
    Page<Viber> list(@Nullable String cursor, int limit);

    /** Makes the viber, offline, where there is none of this id. */
    Promise<Viber> ensure(String viberId, @Nullable String name);

    /**
     * Changes the name, the configuration, or both; null leaves a part as it is.
     *
     * @param config members of {@link AgentConfig} to set; one that is null is taken out again. Its {@code name} is the
     *     viber's name, too
     */
    Promise<Viber> change(String viberId, @Nullable String name, @Nullable Map<String, Object> config);

    /** Forgets the viber: its socket closes, its tokens are revoked, its queued tasks go to the dead-letter desk. */
    Promise<Viber> delete(String viberId);
}
