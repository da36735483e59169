package dev.viber.launcher;

import java.nio.file.Path;

/**
 * Where a jar is found in a folder of Maven layout.
 *
 * @param group such as {@code dev.viber}
 * @param artifact such as {@code dev.viber.api}
 * @param version such as {@code 0.1.0}
 */
public record Coordinates(String group, String artifact, String version) {
    /**
     * Reads {@code group:artifact:version}.
     *
     * @throws IllegalArgumentException where the text has not exactly three parts
     */
    public static Coordinates parse(String id) {
        String[] parts = id.split(":", -1);
        if (parts.length != 3 || parts[0].isBlank() || parts[1].isBlank() || parts[2].isBlank()) {
            throw new IllegalArgumentException("'" + id + "' is no group:artifact:version");
        }
        return new Coordinates(parts[0], parts[1], parts[2]);
    }

    /** The jar's path below the folder. */
    public Path path() {
        return Path.of(group.replace('.', '/'), artifact, version, artifact + "-" + version + ".jar");
    }

    @Override
    public String toString() {
        return group + ":" + artifact + ":" + version;
    }
}
