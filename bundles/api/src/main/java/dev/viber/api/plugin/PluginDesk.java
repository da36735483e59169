package dev.viber.api.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/** Where clients ask about the plugins of vibers; the gateway stands behind it. */
@ProviderType
public interface PluginDesk {
    /**
     * This desk for one request that may be sent again: an offer, update or removal asked of it is done once for each key and
     * viber, and asked once more only answers as things stand then.
     *
     * <p>The key is remembered in the same change as what was done, and as long as the viber. With the same key, something else
     * asked of the same viber in the same way is refused as a conflict.
     *
     * @param key 1 to 255 visible ASCII characters
     */
    PluginDesk once(String key);

    /** Plugins by id; of one viber, or for null all. */
    List<Plugin> list(@Nullable String viberId);

    /** The plugin of this id. */
    Optional<Plugin> find(String id);

    /**
     * Takes a jar in and offers it to a viber; where the viber has a plugin of the same symbolic name, as its next version.
     *
     * @param viberId null for the only viber there is
     * @param signature as {@link PluginSignature} reads it; null for none, which the viber may refuse
     * @param downgrade whether an older version may take the place of a newer one
     * @return resolves when jar and offer are durable
     * @throws IOException where the body broke off
     */
    Promise<Plugin> offer(@Nullable String viberId, InputStream jar, @Nullable String signature, boolean downgrade)
            throws IOException;

    /** As {@link #offer}, for a plugin that is there: the jar must be of the same symbolic name. */
    Promise<Plugin> update(String id, InputStream jar, @Nullable String signature, boolean downgrade)
            throws IOException;

    /** Tells the viber to remove a plugin; resolves when that is durable. */
    Promise<Plugin> remove(String id);

    /**
     * What the viber made of what was asked: waits for it for as long as a client can be left waiting.
     *
     * @param asked what {@link #offer}, {@link #update} or {@link #remove} resolved with
     * @return resolves with the plugin as it is then; with {@code asked} itself where the viber is away or needs longer;
     *     fails with a {@code ProblemException} that has the viber's reason
     */
    Promise<Plugin> settled(Plugin asked);

    /** The file of a jar that is offered to this viber, if it is. */
    Optional<Path> jar(String viberId, String digest);
}
