package dev.viber.guest.http;

import dev.viber.api.guest.Access;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The token of {@code VIPER_AGENT_TOKEN_FILE}, read at the start and at {@link #renew}. */
@Component(service = Access.class)
public final class TokenAccess implements Access {
    private static final String FILE = "VIPER_AGENT_TOKEN_FILE";
    private static final String SCHEME = "bearer ";
    private static final Pattern THIS_MACHINE = Pattern.compile(
            "(?i)(localhost|127(\\.\\d{1,3}){3}|\\[::1]|\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+])(:\\d{1,5})?");

    private volatile byte @Nullable [] token;

    /** Fails where the file cannot be read or is empty: an agent that was to be guarded must not run open. */
    @Activate
    public TokenAccess() {
        this(read(System.getenv(FILE)));
    }

    TokenAccess(@Nullable String token) {
        this.token = bytes(token);
    }

    private static byte @Nullable [] bytes(@Nullable String token) {
        return token == null ? null : token.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void renew() {
        token = bytes(read(System.getenv(FILE)));
    }

    @Override
    public boolean hasToken() {
        return token != null;
    }

    @Override
    public @Nullable String refusal(@Nullable String authorization, @Nullable String host, @Nullable String origin) {
        byte[] wanted = token;
        if (wanted != null) {
            String given = authorization != null
                            && authorization.toLowerCase(Locale.ROOT).startsWith(SCHEME)
                    ? authorization.substring(SCHEME.length()).strip()
                    : "";
            return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), wanted)
                    ? null
                    : "wanted the agent's token as 'Authorization: Bearer TOKEN'";
        }
        // Without a token a web page in any browser of this machine could speak to the agent, by its address or by a
        // name
        // that leads to it.
        if (origin != null) {
            return "the agent has no token, so it takes nothing from web pages (header Origin)";
        }
        return host == null || THIS_MACHINE.matcher(host).matches()
                ? null
                : "the agent has no token, so it is spoken to by address or as localhost, not as " + host;
    }

    private static @Nullable String read(@Nullable String file) {
        if (file == null || file.isEmpty()) {
            return null;
        }
        try {
            String token = Files.readString(Path.of(file)).strip();
            if (token.isEmpty()) {
                throw new IllegalArgumentException("VIPER_AGENT_TOKEN_FILE " + file + " is empty");
            }
            return token;
        } catch (IOException e) {
            throw new UncheckedIOException("VIPER_AGENT_TOKEN_FILE " + file + " cannot be read", e);
        }
    }
}
