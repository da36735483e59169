package dev.viber.cli;

import dev.viber.api.plugin.Plugin;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The plugins of a viber, through a server or, where none was named and none runs here, through the viber's own socket. */
interface PluginCalls extends AutoCloseable {
    Plugin install(Path jar, @Nullable String signature, boolean downgrade) throws IOException;

    Plugin update(String id, Path jar, @Nullable String signature, boolean downgrade) throws IOException;

    /** Whether it is gone; where its viber is away it will be, once that is back. */
    boolean remove(String id);

    List<Plugin> list();

    @Override
    void close();

    /**
     * Whom to ask.
     *
     * @param viber which only a server knows; null for any
     */
    static PluginCalls of(ServerOptions options, @Nullable String viber) {
        Discovery discovery = options.discovery();
        if (viber == null && discovery.named(options.server) == null && discovery.running() == null) {
            for (Path socket : discovery.sockets()) {
                Optional<LocalDaemon> found = LocalDaemon.at(socket);
                if (found.isPresent()) {
                    return new Local(found.get());
                }
            }
        }
        return new Remote(options.client(), viber, options.output());
    }

    /** Through a server. */
    record Remote(ViberClient client, @Nullable String viber, Output output) implements PluginCalls {
        @Override
        public Plugin install(Path jar, @Nullable String signature, boolean downgrade) throws IOException {
            try (Progress progress = uploading(jar)) {
                return client.installPlugin(viber, jar, signature, downgrade, progress::to);
            }
        }

        @Override
        public Plugin update(String id, Path jar, @Nullable String signature, boolean downgrade) throws IOException {
            try (Progress progress = uploading(jar)) {
                return client.updatePlugin(id, jar, signature, downgrade, progress::to);
            }
        }

        private Progress uploading(Path jar) throws IOException {
            return Progress.ofBytes(output, String.valueOf(jar.getFileName()), Files.size(jar));
        }

        @Override
        public boolean remove(String id) {
            return client.removePlugin(id);
        }

        @Override
        public List<Plugin> list() {
            Map<String, @Nullable Object> which = new HashMap<>();
            which.put("viber", viber);
            return Pages.read(Integer.MAX_VALUE, which, client::plugins);
        }

        @Override
        public void close() {
            client.close();
        }
    }

    /** Through the socket of the process that runs here. */
    record Local(LocalDaemon daemon) implements PluginCalls {
        @Override
        public Plugin install(Path jar, @Nullable String signature, boolean downgrade) {
            Map<String, Object> request = new HashMap<>();
            request.put("call", "plugin-install");
            request.put("file", jar.toAbsolutePath().normalize().toString());
            request.put("downgrade", downgrade);
            if (signature != null) {
                request.put("signature", signature);
            }
            return plugin(daemon.call(request, _ -> {}));
        }

        @Override
        public Plugin update(String id, Path jar, @Nullable String signature, boolean downgrade) {
            if (list().stream().noneMatch(each -> each.id().equals(id))) {
                throw new CommandFailure(Exit.FAILED, "there is no plugin " + id);
            }
            return install(jar, signature, downgrade);
        }

        @Override
        public boolean remove(String id) {
            daemon.call(Map.of("call", "plugin-remove", "id", id), _ -> {});
            return true;
        }

        @Override
        public List<Plugin> list() {
            List<Plugin> found = new ArrayList<>();
            daemon.call(Map.of("call", "plugins"), line -> found.add(plugin(line)));
            return found;
        }

        private static Plugin plugin(Map<String, Object> line) {
            return Json.convert(line.get("plugin"), Plugin.class);
        }

        @Override
        public void close() {
            daemon.close();
        }
    }
}
