package dev.viber.api.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** What a program of ours that dials out may trust, and where it may send a token in plain text. */
public final class Transport {
    private Transport() {}

    /**
     * TLS that trusts the certificates in a PEM file, and no others.
     *
     * <pre>{@code
     * HttpClient.newBuilder().sslContext(Transport.trusting(Path.of("ca.pem")))
     * }</pre>
     *
     * @throws IOException where the file cannot be read or holds no certificate; the message names it
     */
    public static SSLContext trusting(Path pem) throws IOException {
        try (InputStream in = Files.newInputStream(pem)) {
            Collection<? extends Certificate> found =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (found.isEmpty()) {
                throw new IOException("%s holds no certificate; wanted PEM".formatted(pem));
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : found) {
                store.setCertificateEntry("ca-" + number++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("%s is no PEM file of certificates: %s".formatted(pem, e.getMessage()), e);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException("there is no file %s".formatted(pem), e);
        }
    }

    /** Whether what is sent there can be read on its way: {@code http} or {@code ws} to another machine. */
    public static boolean isOpen(URI server) {
        String scheme = String.valueOf(server.getScheme()).toLowerCase(Locale.ROOT);
        return !scheme.equals("https") && !scheme.equals("wss") && !isLoopback(server.getHost());
    }

    /**
     * Whether the name can only be this machine; nothing is looked up.
     *
     * @param host a name or an address, an IPv6 one with or without brackets; null for none
     */
    public static boolean isLoopback(@Nullable String host) {
        if (host == null) {
            return false;
        }
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.equals("::1")
                || name.equals("[::1]")
                || name.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }
}
