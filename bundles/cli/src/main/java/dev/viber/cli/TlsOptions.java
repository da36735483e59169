package dev.viber.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The certificate a listener shows. */
final class TlsOptions {
    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "PEM certificate chain: speak https and wss; else VIBER_TLS_CERT. Read anew when it changes.")
    @Nullable
    Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "PEM private key of --tls-cert, PKCS #8; else VIBER_TLS_KEY.")
    @Nullable
    Path key;

    void putInto(Map<String, String> variables) {
        variables.put("tls.cert", file(certificate, "VIBER_TLS_CERT"));
        variables.put("tls.key", file(key, "VIBER_TLS_KEY"));
    }

    private static String file(@Nullable Path asked, String variable) {
        String named = System.getenv().getOrDefault(variable, "");
        Path file = asked != null ? asked : named.isBlank() ? null : Path.of(named.strip());
        return file == null ? "" : file.toAbsolutePath().normalize().toString();
    }
}
