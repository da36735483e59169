package dev.viber.shell;

import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/** The plugins of the viber of this process, for its owner. */
final class LocalPlugins {
    private final Gate<PluginHost> host;

    LocalPlugins(Gate<PluginHost> host) {
        this.host = host;
    }

    List<Plugin> list() {
        return present().call(PluginHost::list);
    }

    /** Installs a jar; returns when it serves. */
    Plugin install(String file, @Nullable String signature, boolean downgrade) throws InterruptedException {
        Path jar = Path.of(file);
        if (!jar.isAbsolute()) {
            throw ProblemException.invalid("/file", "'file' is '%s'; wanted an absolute path".formatted(file));
        }
        return await(present().callAsync(there -> there.install(jar, signature, downgrade)));
    }

    /** Removes a plugin; returns when it is gone, with what it was. */
    Plugin remove(String id) throws InterruptedException {
        return await(present().callAsync(there -> there.remove(id)));
    }

    private Gate<PluginHost> present() {
        if (!host.isOpen()) {
            throw new ProblemException(Kind.UNAVAILABLE, "no viber runs in this process, or it takes no plugins");
        }
        return host;
    }

    private static Plugin await(Promise<Plugin> promise) throws InterruptedException {
        try {
            return promise.getValue();
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
