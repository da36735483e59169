package dev.viber.controller;

import dev.viber.api.net.Transport;
import dev.viber.api.viber.ViberDesk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The configuration, checked and completed.
 *
 * @param server the WebSocket address; null for local use only
 * @param token as configured; null where a file holds it, or there is none
 * @param tokenFile the file that holds it; null for none
 * @param trusted the file of certificates to trust; null for those that Java trusts
 */
record Settings(
        @Nullable URI server,
        @Nullable String token,
        @Nullable Path tokenFile,
        @Nullable Path trusted,
        String viberId,
        String name,
        Path state,
        int heartbeatMs,
        String version) {
    /** Where a gateway listens for vibers. */
    static final String PATH = "/vibers/ws";

    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

    /**
     * Reads the configuration; makes the state folder and the viber's id where they are not there yet.
     *
     * @param version what to announce where the configuration names none
     * @throws IllegalArgumentException where a value is wrong; the message names it and what was wanted
     */
    static Settings of(ControllerConfiguration configuration, String version) throws IOException {
        Path state = configuration.state().isBlank()
                ? Path.of(System.getProperty("user.home"), ".viber")
                : Path.of(configuration.state().strip());
        Files.createDirectories(state);
        int heartbeat = configuration.heartbeat_ms();
        if (heartbeat < LiveConfig.LEAST_HEARTBEAT_MS || heartbeat > LiveConfig.MOST_HEARTBEAT_MS) {
            throw new IllegalArgumentException("heartbeat.ms is %d, wanted %d to %d"
                    .formatted(heartbeat, LiveConfig.LEAST_HEARTBEAT_MS, LiveConfig.MOST_HEARTBEAT_MS));
        }
        String host = hostName();
        String file = configuration.token_file().strip();
        String trusted = configuration.tls_ca().strip();
        URI server = configuration.server().isBlank()
                ? null
                : address(configuration.server().strip());
        if (server != null && Transport.isOpen(server) && !configuration.insecure_plain_text()) {
            throw new IllegalArgumentException(("server is '%s': the token would go to another machine in plain text;"
                            + " wanted wss://, or insecure.plain.text=true")
                    .formatted(server));
        }
        return new Settings(
                server,
                configuration.token().isBlank() ? null : configuration.token().strip(),
                file.isEmpty() ? null : Path.of(file),
                trusted.isEmpty() ? null : Path.of(trusted),
                viberId(configuration.id().strip(), state, host),
                configuration.name().isBlank() ? host : configuration.name().strip(),
                state,
                heartbeat,
                configuration.version().isBlank()
                        ? version
                        : configuration.version().strip());
    }

    /** The token as it is now: a file is read anew each time, since it may have been renewed; null for none. */
    @Nullable
    String currentToken() throws IOException {
        if (token != null || tokenFile == null) {
            return token;
        }
        String read = Files.readString(tokenFile).strip();
        if (read.isEmpty()) {
            throw new IOException("the token file " + tokenFile + " is empty");
        }
        return read;
    }

    /** The WebSocket address meant by what people write: {@code http} is taken as {@code ws}, a missing path added. */
    static URI address(String server) {
        String text = server.contains("://") ? server : "ws://" + server;
        URI given;
        try {
            given = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(wanted(server), e);
        }
        String scheme = switch (given.getScheme().toLowerCase(Locale.ROOT)) {
            case "ws", "http" -> "ws";
            case "wss", "https" -> "wss";
            default -> throw new IllegalArgumentException(wanted(server));
        };
        if (given.getHost() == null) {
            throw new IllegalArgumentException(wanted(server));
        }
        String path = given.getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return URI.create(scheme + "://" + given.getRawAuthority() + (path.endsWith(PATH) ? path : path + PATH));
    }

    /** What the gateway's HTTP paths are put behind: the address of its socket, with what a proxy before it puts in front. */
    static URI http(URI server) {
        String path = server.getRawPath();
        return URI.create((server.getScheme().equals("wss") ? "https" : "http") + "://" + server.getRawAuthority()
                + path.substring(0, path.length() - PATH.length()));
    }

    private static String wanted(String server) {
        return "server is '%s', wanted ws://HOST:PORT[%s]".formatted(server, PATH);
    }

    private static String viberId(String configured, Path state, String host) throws IOException {
        if (!configured.isEmpty()) {
            return checked(configured, "id");
        }
        Path file = state.resolve("viber-id");
        if (Files.exists(file)) {
            return checked(Files.readString(file).strip(), file.toString());
        }
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder("viber-")
                .append(host.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-"))
                .append('-');
        for (int i = 0; i < 4; i++) {
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        Path fresh = state.resolve("viber-id.new");
        Files.writeString(fresh, id.append('\n'));
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return id.toString().strip();
    }

    private static String checked(String id, String where) {
        if (!id.matches(ViberDesk.ID_PATTERN)) {
            throw new IllegalArgumentException(
                    "%s: '%s' is no viber id, wanted %s".formatted(where, id, ViberDesk.ID_PATTERN));
        }
        return id;
    }

    private static String hostName() {
        String name;
        try {
            name = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            // A machine whose own name does not resolve still has a viber.
            name = "localhost";
        }
        int dot = name.indexOf('.');
        String first = dot > 0 ? name.substring(0, dot) : name;
        return first.length() > 40 ? first.substring(0, 40) : first;
    }

    /** As {@link #of}, for where a checked exception cannot be thrown. */
    static Settings orThrow(ControllerConfiguration configuration, String version) {
        try {
            return of(configuration, version);
        } catch (IOException e) {
            throw new UncheckedIOException("the state folder of the viber cannot be used: " + e.getMessage(), e);
        }
    }
}
