package dev.viber.gateway;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Tables;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Remembers what was done under a client's key, in the same change as the deed and for as long as the task, or the viber. */
final class Once {
    private static final String ONCE = "/once/";

    private Once() {}

    /**
     * Whether this was done before under this key; where it was not, it counts as done from now on.
     *
     * @param what {@code message}, {@code retry}...
     * @param content what was asked in full; the same key with another content is refused
     */
    static boolean isDone(Tables tables, @Nullable String key, String taskId, String what, String content) {
        return key != null && isDoneAt(tables, TaskEdit.topic(taskId) + ONCE + what + "/" + key, key, content);
    }

    /** As {@link #isDone}, for what was asked about a viber's plugins; remembered for as long as the viber. */
    static boolean isDoneOfPlugins(Tables tables, @Nullable String key, String viberId, String what, String content) {
        return key != null && isDoneAt(tables, pluginsOf(viberId) + what + "/" + key, key, content);
    }

    /** Forgets what was asked about a viber's plugins. */
    static void forgetPlugins(Tables tables, String viberId) {
        tables.values().list(pluginsOf(viberId)).keySet().forEach(tables.values()::remove);
    }

    private static String pluginsOf(String viberId) {
        return "plugins/" + viberId + ONCE;
    }

    private static boolean isDoneAt(Tables tables, String place, String key, String content) {
        String digest = digest(content);
        String had = tables.values().get(place).orElse(null);
        if (had == null) {
            tables.values().put(place, digest);
            return false;
        }
        if (!had.equals(digest)) {
            throw new ProblemException(
                    Kind.CONFLICT, "The idempotency key '%s' was used for something else here".formatted(key));
        }
        return true;
    }

    private static String digest(String content) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(content.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
