package dev.viber.api.plugin;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/** Owns the plugins of a viber: lets them in, keeps them over restarts, takes them out; one roll-out at a time. */
@ProviderType
public interface PluginHost {
    /** Keys of {@code Values} under which orders of the gateway wait to be carried out, in the order of the keys. */
    String ORDERS = "plugin-order/";

    /** The topics of what happens to plugins: {@code plugin/<id>}. */
    String TOPIC = "plugin/";

    /** Plugins by id. */
    List<Plugin> list();

    /**
     * Installs or updates a plugin.
     *
     * @param jar is copied; what happens to it later does not matter
     * @param signature as {@link PluginSignature} reads it; null for none
     * @param downgrade whether an older version may take the place of a newer one
     * @return resolves when the plugin serves; fails with a {@code ProblemException} where it was not let in
     */
    Promise<Plugin> install(Path jar, @Nullable String signature, boolean downgrade);

    /** Removes a plugin; resolves when it is gone, with what it was. */
    Promise<Plugin> remove(String id);

    /** There may be orders of the gateway in the store, or the gateway may be reachable again. */
    void wake();
}
