package dev.viber.cli;

import dev.viber.launcher.OwnerOnly;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * What a login left in a viber's state folder, in files that only its owner can read.
 *
 * @param server as the controller takes it
 * @param ca certificates to trust; null for those that Java trusts
 */
record Login(
        String server,
        String viberId,
        String name,
        @Nullable String ca,
        boolean insecurePlainText) {
    private static final String FILE = "login.json";
    private static final String TOKEN = "token";

    /** The file that holds the token. */
    static Path tokenFile(Path state) {
        return state.resolve(TOKEN);
    }

    /** What is there; null where nobody logged in. */
    static @Nullable Login read(Path state) {
        Path file = state.resolve(FILE);
        if (!Files.exists(file) || !Files.exists(tokenFile(state))) {
            return null;
        }
        try {
            Map<String, Object> kept = Json.object(Files.readAllBytes(file));
            return new Login(
                    String.valueOf(kept.get("server")),
                    String.valueOf(kept.get("viberId")),
                    String.valueOf(kept.getOrDefault("name", "")),
                    kept.get("tlsCa") instanceof String ca ? ca : null,
                    Boolean.TRUE.equals(kept.get("insecurePlainText")));
        } catch (IOException | JacksonException e) {
            throw new CommandFailure(
                    Exit.FAILED,
                    "%s cannot be read (%s); log in anew with 'viber login'".formatted(file, e.getMessage()));
        }
    }

    /** The viber's id of the state folder; null where it has none yet. */
    static @Nullable String viberId(Path state) throws IOException {
        Path file = state.resolve("viber-id");
        return Files.exists(file) ? Files.readString(file).strip() : null;
    }

    /** Keeps it, the token first: what names it must not be there without it. */
    void write(Path state, String token) throws IOException {
        OwnerOnly.makeFolder(state);
        OwnerOnly.write(tokenFile(state), bytes(token + "\n"));
        Map<String, Object> kept = new LinkedHashMap<>();
        kept.put("server", server);
        kept.put("viberId", viberId);
        kept.put("name", name);
        if (ca != null) {
            kept.put("tlsCa", ca);
        }
        kept.put("insecurePlainText", insecurePlainText);
        OwnerOnly.write(state.resolve(FILE), bytes(Json.write(kept) + "\n"));
        if (viberId(state) == null) {
            OwnerOnly.write(state.resolve("viber-id"), bytes(viberId + "\n"));
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
