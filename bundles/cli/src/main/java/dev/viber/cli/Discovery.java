package dev.viber.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Finds the server, its token and local daemons.
 *
 * @param environment the process's variables
 * @param userHome the user's home folder
 * @param state the state folder that was named; null for none
 */
record Discovery(
        Map<String, String> environment,
        Path userHome,
        @Nullable Path state) {
    private static final String DEFAULT = "http://127.0.0.1:7777";

    /** Of this process. */
    static Discovery ours(@Nullable Path state) {
        return new Discovery(System.getenv(), Path.of(System.getProperty("user.home")), state);
    }

    /** The server's URL: what was asked for, {@code VIBER_SERVER}, {@code VIPER_API_BASE}, a running server's own word, the default. */
    URI server(@Nullable String asked) {
        String named = named(asked);
        if (named != null) {
            return url(named);
        }
        String running = running();
        return url(running == null ? DEFAULT : running);
    }

    /** The server that was named by option or environment; null for none. */
    @Nullable
    String named(@Nullable String asked) {
        if (asked != null && !asked.isBlank()) {
            return asked;
        }
        for (String variable : List.of("VIBER_SERVER", "VIPER_API_BASE")) {
            String value = environment.getOrDefault(variable, "");
            if (!value.isBlank()) {
                return value;
            }
        }
        return null;
    }

    /** Where the server of the state folder says that it is; null where none runs. */
    @Nullable
    String running() {
        Path file = serverState().resolve("server.json");
        try {
            Map<String, Object> facts = Json.object(Files.readAllBytes(file));
            return facts.getOrDefault("local", facts.get("api")) instanceof String api ? api : null;
        } catch (IOException | JacksonException e) {
            return null; // gone, or being replaced: then nothing is known of a server there
        }
    }

    /** The bearer token: {@code VIBER_TOKEN}, else the owner's of the server's state folder; null where there is none. */
    @Nullable
    String token() {
        String token = environment.getOrDefault("VIBER_TOKEN", "");
        if (!token.isBlank()) {
            return token.strip();
        }
        Path file = ownerToken();
        if (!Files.exists(file)) {
            return null;
        }
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new CommandFailure(Exit.NOT_ALLOWED, file + " cannot be read: " + e.getMessage());
        }
    }

    /** Where the owner's token of the server is kept. */
    Path ownerToken() {
        return serverState().resolve("owner.token");
    }

    /** The server's state folder. */
    Path serverState() {
        return folder("viper");
    }

    /** The viber's state folder. */
    Path viberState() {
        return folder("viber");
    }

    /** The socket files at which a local daemon may answer, the viber's own first. */
    Set<Path> sockets() {
        Set<Path> out = new LinkedHashSet<>();
        out.add(socket(viberState()));
        out.add(socket(serverState()));
        return out;
    }

    /** The socket of a state folder. */
    static Path socket(Path stateFolder) {
        return stateFolder.resolve("run").resolve("viber.sock");
    }

    private Path folder(String name) {
        return (state != null ? state : StateFolders.of(name, environment, userHome))
                .toAbsolutePath()
                .normalize();
    }

    /** The base of what was given, which may be a WebSocket's or an API's address. */
    static URI url(String given) {
        String text = given.strip();
        if (!text.contains("://")) {
            text = "http://" + text;
        }
        text = text.replaceFirst("^ws(s?)://", "http$1://").replaceAll("/+$", "");
        for (String path : List.of("/vibers/ws", "/api/v1")) {
            if (text.endsWith(path)) {
                text = text.substring(0, text.length() - path.length());
            }
        }
        try {
            URI uri = URI.create(text);
            if (uri.getHost() == null || !List.of("http", "https").contains(uri.getScheme())) {
                throw new IllegalArgumentException("no host in it");
            }
            return uri;
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(
                    Exit.USAGE,
                    "'%s' is no server's address; wanted http://HOST:PORT or ws://HOST:PORT".formatted(given));
        }
    }
}
