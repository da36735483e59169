package dev.viber.library;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where to dial and what to say of oneself.
 *
 * <pre>{@code
 * ViberOptions.to("ws://127.0.0.1:7777", token).named("thermostat").able("heat").capacity(2)
 * }</pre>
 *
 * @param server the gateway's WebSocket address
 * @param token the viber's token; it also says which viber this is
 * @param name for people; null for the viber's id
 * @param version of the program
 * @param capabilities words by which tasks find an able viber
 * @param capacity how many tasks at once, from 1
 */
public record ViberOptions(
        URI server, String token, @Nullable String name, String version, List<String> capabilities, int capacity) {
    private static final String PATH = "/vibers/ws";

    /** Checks the capacity and copies the capabilities. */
    public ViberOptions {
        if (capacity < 1) {
            throw new IllegalArgumentException("capacity is %d; wanted 1 or more".formatted(capacity));
        }
        capabilities = List.copyOf(capabilities);
    }

    /**
     * The gateway there, one task at a time, no capabilities.
     *
     * @param server such as {@code ws://127.0.0.1:7777}; the path may be left out
     * @throws IllegalArgumentException where that is no WebSocket address
     */
    public static ViberOptions to(String server, String token) {
        URI given = URI.create(server);
        String scheme = String.valueOf(given.getScheme()).toLowerCase(Locale.ROOT);
        if (given.getHost() == null || !List.of("ws", "wss").contains(scheme)) {
            throw new IllegalArgumentException("server is '%s'; wanted ws://HOST:PORT[%s]".formatted(server, PATH));
        }
        String path = given.getRawPath().replaceAll("/+$", "");
        URI whole = URI.create(scheme + "://" + given.getRawAuthority() + (path.endsWith(PATH) ? path : path + PATH));
        return new ViberOptions(whole, token, null, "1", List.of(), 1);
    }

    /** The same under a name for people. */
    public ViberOptions named(String text) {
        return new ViberOptions(server, token, text, version, capabilities, capacity);
    }

    /** The same of this version. */
    public ViberOptions version(String text) {
        return new ViberOptions(server, token, name, text, capabilities, capacity);
    }

    /** The same with these capabilities. */
    public ViberOptions able(String... words) {
        return new ViberOptions(server, token, name, version, List.of(words), capacity);
    }

    /** The same with room for this many tasks at once. */
    public ViberOptions capacity(int tasks) {
        return new ViberOptions(server, token, name, version, capabilities, tasks);
    }
}
