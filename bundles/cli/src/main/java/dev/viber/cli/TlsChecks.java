package dev.viber.cli;

import dev.viber.api.net.PemIdentity;
import dev.viber.api.net.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What {@code viber doctor} looks at in certificates. */
final class TlsChecks {
    private static final Duration SOON = Duration.ofDays(21);

    private TlsChecks() {}

    /** The certificate and the key of a server here. */
    static List<Finding> files(Patient patient) {
        Map<String, String> named = new HashMap<>();
        patient.tls().putInto(named);
        String certificate = named.getOrDefault("tls.cert", "");
        String key = named.getOrDefault("tls.key", "");
        String name = "tls";
        if (certificate.isEmpty() && key.isEmpty()) {
            return List.of(Finding.skip(name, "no certificate is named (--tls-cert, VIBER_TLS_CERT)", ""));
        }
        if (certificate.isEmpty() || key.isEmpty()) {
            return List.of(Finding.fail(
                    name,
                    "there is %s, but not the other".formatted(certificate.isEmpty() ? "--tls-key" : "--tls-cert"),
                    "name both: --tls-cert and --tls-key (VIBER_TLS_CERT, VIBER_TLS_KEY)"));
        }
        try {
            PemIdentity identity = PemIdentity.read(Path.of(certificate), Path.of(key));
            return List.of(expiry(
                    name, "%s for %s".formatted(certificate, new TreeSet<>(identity.names())), identity.expiresAt()));
        } catch (IOException e) {
            return List.of(Finding.fail(
                    name, String.valueOf(e.getMessage()), "name a PEM chain and its unencrypted PKCS #8 key"));
        }
    }

    /** The certificates that are to be trusted in place of Java's own. */
    static List<Finding> authorities(Patient patient) {
        Path ca = patient.authorities();
        if (ca == null) {
            return List.of();
        }
        try {
            Transport.trusting(ca);
            return List.of(Finding.ok("tls ca", ca.toString()));
        } catch (IOException e) {
            return List.of(Finding.fail(
                    "tls ca", String.valueOf(e.getMessage()), "name a PEM file with --tls-ca or VIBER_TLS_CA"));
        }
    }

    static Finding expiry(String name, String what, Instant end) {
        Duration left = Duration.between(Instant.now(), end);
        String found = "%s, valid until %s".formatted(what, end);
        if (left.isNegative()) {
            return Finding.fail(name, found, "renew the certificate; nobody trusts one that has ended");
        }
        return left.compareTo(SOON) < 0
                ? Finding.warn(name, found, "renew the certificate; a server takes the new file by itself")
                : Finding.ok(name, found);
    }
}
