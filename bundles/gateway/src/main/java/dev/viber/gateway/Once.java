package dev.viber.gateway;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Tables;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Remembers what was done under a client's key, in the same change as the deed and for as long as the task. */
final class Once {
    private Once() {}

    /**
     * Whether this was done before under this key; where it was not, it counts as done from now on.
     *
     * @param what {@code message}, {@code retry}...
     * @param content what was asked in full; the same key with another content is refused
     */
    static boolean isDone(Tables tables, @Nullable String key, String taskId, String what, String content) {
        if (key == null) {
            return false;
        }
        String place = TaskEdit.topic(taskId) + "/once/" + what + "/" + key;
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
