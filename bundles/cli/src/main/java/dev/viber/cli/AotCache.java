package dev.viber.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the JVM's ahead-of-time caches of this distribution are: {@code daemon.aot} and {@code client.aot}, looked for by
 * {@code bin/viber} in the user's cache folder, then in the distribution's own.
 *
 * @param key what the script calls distribution and Java by; caches of others lie in folders beside this one's
 * @param made what a cache has to be made for to be of use: the JVM checks build and class path, and passes over others
 * @param home the distribution
 * @param user the user's folder for such caches
 */
record AotCache(String key, String made, Path home, Path user) {
    /** Beside the caches: what they were made for. */
    private static final String MADE = "made";

    /** Of this process; null where it was not started by {@code bin/viber}. */
    static @Nullable AotCache ours() {
        String key = System.getProperty("viber.aot.key");
        String home = System.getProperty("viber.home");
        if (key == null || home == null || key.startsWith("none")) {
            return null;
        }
        return of(key, Path.of(home), System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /** Of a distribution. */
    static AotCache of(String key, Path home, Map<String, String> environment, Path userHome) {
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        Path caches = xdg.isEmpty() ? userHome.resolve(".cache") : Path.of(xdg);
        String made = String.join(
                "\n", home.toString(), System.getProperty("java.home"), System.getProperty("java.vm.version"), "");
        return new AotCache(key, made, home, caches.resolve("viber").resolve("aot"));
    }

    /** Whether the next start will find caches made for it. */
    boolean isThere() {
        Path folder = found();
        return folder != null && isFresh(folder);
    }

    /** The folder with a folder for each key in which new caches are to be kept. */
    Path parent() {
        Path found = found();
        Path own = home.resolve("aot");
        if (found != null) {
            // What is found first must be the one renewed, or it would hide what is new.
            return found.startsWith(own) && !Files.isWritable(found) ? user : parentOf(found);
        }
        return Files.isWritable(home) && (!Files.exists(own) || Files.isWritable(own)) ? own : user;
    }

    /** Says that the caches in the folder are whole, and what they were made for. */
    void finish(Path folder) throws IOException {
        Files.writeString(folder.resolve(MADE), made);
    }

    /** The folder of our key that {@code bin/viber} takes; null where there is none. */
    private @Nullable Path found() {
        for (Path parent : List.of(user, home.resolve("aot"))) {
            Path folder = parent.resolve(key);
            if (Files.isDirectory(folder)) {
                return folder;
            }
        }
        return null;
    }

    private boolean isFresh(Path folder) {
        try {
            return Files.readString(folder.resolve(MADE)).equals(made);
        } catch (IOException e) {
            return false; // never finished
        }
    }

    private Path parentOf(Path folder) {
        return folder.startsWith(user) ? user : home.resolve("aot");
    }
}
