package dev.viber.cli;

import dev.viber.api.net.Transport;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What a doctor looks at: this machine, the state folders and the server.
 *
 * @param asked the server that was named; null for none
 * @param listen where a server here is to listen, as {@code HOST:PORT}
 * @param tls the certificate and the key a server here is to show
 */
record Patient(
        Discovery discovery, @Nullable String asked, ConnectionOptions connection, String listen, TlsOptions tls) {
    /** Where the server is, or would be: as for every command, else where this machine's viber logged in. */
    URI server() {
        Login login = login();
        return login == null ? discovery.server(asked) : Discovery.url(login.server());
    }

    /** Whether somebody said that there is a server: by name, by running one here, or by a login. */
    boolean expectsServer() {
        return discovery.named(asked) != null || discovery.running() != null || login() != null;
    }

    /** The viber's login, where it is what names the server; null where that is named otherwise. */
    private @Nullable Login login() {
        return discovery.named(asked) != null || discovery.running() != null
                ? null
                : Login.read(discovery.viberState());
    }

    /** The token for the server; null where there is none. */
    @Nullable
    String token() throws IOException {
        boolean isViber =
                login() != null && environment().getOrDefault("VIBER_TOKEN", "").isBlank();
        return isViber
                ? Files.readString(Login.tokenFile(discovery.viberState())).strip()
                : discovery.token();
    }

    /** The certificates to trust in place of Java's own; null for none. */
    @Nullable
    Path authorities() {
        Path named = connection.ca();
        Login login = login();
        return named == null && login != null && login.ca() != null ? Path.of(login.ca()) : named;
    }

    /** What to trust; null for what Java trusts. */
    @Nullable
    SSLContext trust() throws IOException {
        Path file = authorities();
        return file == null ? null : Transport.trusting(file);
    }

    /** Whether the token may go to the server although whoever is on the way can read it. */
    boolean mayBePlain() {
        Login login = login();
        return connection.mayBePlain() || (login != null && login.insecurePlainText());
    }

    /** The state folders, the server's first; one where both are the same. */
    Set<Path> stateFolders() {
        return new LinkedHashSet<>(List.of(discovery.serverState(), discovery.viberState()));
    }

    Map<String, String> environment() {
        return discovery.environment();
    }

    /** A program on the {@code PATH}, by the first of these names that is there. */
    Optional<Path> program(String... names) {
        for (String name : names) {
            for (String folder : environment().getOrDefault("PATH", "").split(":", -1)) {
                Path file = Path.of(folder.isEmpty() ? "." : folder, name);
                if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                    return Optional.of(file);
                }
            }
        }
        return Optional.empty();
    }
}
