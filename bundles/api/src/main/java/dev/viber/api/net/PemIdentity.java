package dev.viber.api.net;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who a listener proves to be: a chain of certificates and the private key of the first.
 *
 * <pre>{@code
 * PemIdentity.read(Path.of("chain.pem"), Path.of("key.pem")).expiresAt()
 * }</pre>
 *
 * @param keyStore both, under {@link #PASSWORD}
 * @param names the DNS names in the certificate, in lower case
 * @param expiresAt when the first certificate ends
 * @param digest of both files, to tell one from the next
 */
public record PemIdentity(KeyStore keyStore, Set<String> names, Instant expiresAt, String digest) {
    /** Guards nothing: the store never leaves memory, but its form wants a password. */
    public static final String PASSWORD = "in-memory";

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final int DNS_NAME = 2;

    /**
     * Reads both files.
     *
     * @param key PKCS #8, not encrypted
     * @throws IOException where they are not whole or do not belong together, with what was wrong and what was wanted
     */
    public static PemIdentity read(Path certificates, Path key) throws IOException {
        byte[] chainBytes = bytes(certificates, "certificate");
        byte[] keyBytes = bytes(key, "key");
        try {
            List<X509Certificate> chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(chainBytes))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (chain.isEmpty()) {
                throw new IOException("%s holds no certificate; wanted PEM".formatted(certificates));
            }
            X509Certificate own = chain.getFirst();
            PrivateKey secret = key(new String(keyBytes, StandardCharsets.ISO_8859_1), key, own);
            if (!belongTogether(own, secret)) {
                throw new IOException(
                        "the key in %s is not that of the first certificate in %s".formatted(key, certificates));
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("listener", secret, PASSWORD.toCharArray(), chain.toArray(X509Certificate[]::new));
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(chainBytes);
            sha.update(keyBytes);
            return new PemIdentity(
                    store,
                    names(own),
                    own.getNotAfter().toInstant(),
                    HexFormat.of().formatHex(sha.digest()));
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "%s and %s are no certificate and key: %s".formatted(certificates, key, e.getMessage()), e);
        }
    }

    private static byte[] bytes(Path file, String what) throws IOException {
        try {
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException("the %s file %s is not there".formatted(what, file), e);
        }
    }

    private static PrivateKey key(String pem, Path file, X509Certificate of)
            throws IOException, GeneralSecurityException {
        Matcher block = KEY.matcher(pem);
        if (!block.find()) {
            throw new IOException(("%s holds no '-----BEGIN PRIVATE KEY-----' (PKCS #8, not encrypted);"
                            + " 'openssl pkcs8 -topk8 -nocrypt' makes that of other forms")
                    .formatted(file));
        }
        byte[] encoded = Base64.getMimeDecoder().decode(block.group(1));
        return KeyFactory.getInstance(of.getPublicKey().getAlgorithm())
                .generatePrivate(new PKCS8EncodedKeySpec(encoded));
    }

    private static boolean belongTogether(X509Certificate certificate, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        byte[] probe = {1, 2, 3};
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(probe);
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certificate.getPublicKey());
        verifying.update(probe);
        return verifying.verify(signing.sign());
    }

    private static Set<String> names(X509Certificate certificate) throws GeneralSecurityException {
        Set<String> names = new HashSet<>();
        var alternatives = certificate.getSubjectAlternativeNames();
        if (alternatives != null) {
            for (List<?> name : alternatives) {
                if (name.getFirst().equals(DNS_NAME)) {
                    names.add(name.getLast().toString().toLowerCase(Locale.ROOT));
                }
            }
        }
        return Set.copyOf(names);
    }
}
