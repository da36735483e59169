package dev.viber.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a token is made up: {@code vbr_<id>_<secret>}. The id finds its row; the secret, 256 random bits, is never stored,
 * so a plain SHA-256 of the token is enough of a hash.
 */
final class Secrets {
    private static final String PREFIX = "vbr_";
    private static final int ID_BYTES = 9;
    private static final int SECRET_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secrets() {}

    /** A fresh token id; hex, so that it holds no separator. */
    static String newId() {
        return HexFormat.of().formatHex(random(ID_BYTES));
    }

    /** A fresh token with this id. */
    static String newToken(String id) {
        return PREFIX + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random(SECRET_BYTES));
    }

    /** The id of the token that these words stand for: always the same. */
    static String idFrom(String words) {
        return HexFormat.of().formatHex(hmac(words, "id"), 0, ID_BYTES);
    }

    /** The token that these words stand for, with the id that is theirs: always the same. */
    static String tokenFrom(String words) {
        return PREFIX + idFrom(words) + "_"
                + Base64.getUrlEncoder().withoutPadding().encodeToString(hmac(words, "secret"));
    }

    private static byte[] hmac(String words, String purpose) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(words.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return mac.doFinal(purpose.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    /** The id inside a token; empty where the text is no token of ours. */
    static Optional<String> idOf(String token) {
        int end = token.indexOf('_', PREFIX.length());
        return token.startsWith(PREFIX) && end > 0 && token.length() < 256
                ? Optional.of(token.substring(PREFIX.length(), end))
                : Optional.empty();
    }

    /** The hash stored for a token: lower-case hex. */
    static String hash(String token) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(sha.digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Whether the token has this hash; takes the same time whatever it is. */
    static boolean matches(String token, String hash) {
        return MessageDigest.isEqual(
                hash(token).getBytes(StandardCharsets.US_ASCII), hash.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }
}
