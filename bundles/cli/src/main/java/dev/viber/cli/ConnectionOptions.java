package dev.viber.cli;

import dev.viber.api.net.Transport;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a connection is kept private. */
final class ConnectionOptions {
    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            description = "PEM certificates to trust, in place of Java's own; else VIBER_TLS_CA.")
    @Nullable
    Path tlsCa;

    @Option(
            names = "--insecure-plain-text",
            description = "Let the token go to another machine in plain text; else VIBER_INSECURE_PLAIN_TEXT=true.")
    boolean insecurePlainText;

    Map<String, String> environment = System.getenv();

    /** The file of certificates to trust; null for those that Java trusts. */
    @Nullable
    Path ca() {
        String named = environment.getOrDefault("VIBER_TLS_CA", "");
        Path file = tlsCa != null ? tlsCa : named.isBlank() ? null : Path.of(named.strip());
        return file == null ? null : file.toAbsolutePath().normalize();
    }

    /** Whether plain text is allowed. */
    boolean mayBePlain() {
        return insecurePlainText || Boolean.parseBoolean(environment.get("VIBER_INSECURE_PLAIN_TEXT"));
    }

    /** What to trust; null for what Java trusts. */
    @Nullable
    SSLContext trust() {
        Path ca = ca();
        try {
            return ca == null ? null : Transport.trusting(ca);
        } catch (IOException e) {
            throw new CommandFailure(Exit.USAGE, "--tls-ca: " + e.getMessage());
        }
    }

    /** Refuses to send a secret to another machine in plain text, unless that was asked for by name. */
    void requirePrivate(URI server) {
        if (Transport.isOpen(server) && !mayBePlain()) {
            throw new CommandFailure(
                    Exit.USAGE,
                    ("%s is another machine and not encrypted: whoever listens on the way can take the token;"
                                    + " use https:// (wss://), or allow it with --insecure-plain-text")
                            .formatted(server));
        }
    }
}
