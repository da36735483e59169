package dev.viber.cli;

import java.nio.file.Path;
import java.util.Map;

/** Where state is kept when nobody says: {@code VIBER_STATE}, else the XDG state folder, else {@code ~/.viper} or {@code ~/.viber}. */
final class StateFolders {
    private StateFolders() {}

    /**
     * The state folder.
     *
     * @param name {@code viper} for a server, {@code viber} for a viber
     */
    static Path of(String name, Map<String, String> environment, Path userHome) {
        String named = environment.getOrDefault("VIBER_STATE", "");
        if (!named.isEmpty()) {
            return Path.of(named);
        }
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        return xdg.isEmpty() ? userHome.resolve("." + name) : Path.of(xdg, name);
    }
}
