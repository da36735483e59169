package dev.viber.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * How a token is made up: {@code vbr_<id>_<secret>}. The id finds its row; the secret, 256 random bits, is never stored,
 * so a plain SHA-256 of the token is enough of a hash.
 */
final class Secrets {
    private static final String PREFIX = "vbr_";
    private static final int ID_BYTES = 9;
    private static final int SECRET_BYTES = 32;
    private static final int USER_CODE_LETTERS = 8;
    // RFC 8628, 6.1: no vowels, so that no words come out, and nothing that looks like something else.
    private static final String USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ";
    private static final SecureRandom RANDOM = new SecureRandom();

    private Secrets() {}

    /** A fresh token id; hex, so that it holds no separator. */
    static String newId() {
        return HexFormat.of().formatHex(random(ID_BYTES));
    }

    /** A fresh token with this id. */
    static String newToken(String id) {
        return PREFIX + id + "_" + newSecret();
    }

    /** 256 random bits as text. */
    static String newSecret() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random(SECRET_BYTES));
    }

    /** A fresh user code, {@code BCDF-GHJK}. */
    static String newUserCode() {
        return letters(4) + "-" + letters(USER_CODE_LETTERS - 4);
    }

    /** Some random letters of the alphabet of user codes. */
    static String letters(int count) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < count; i++) {
            letters.append(USER_CODE_ALPHABET.charAt(RANDOM.nextInt(USER_CODE_ALPHABET.length())));
        }
        return letters.toString();
    }

    /** A user code as it is hashed, whatever its case, dashes and spaces; empty where it can be none. */
    static Optional<String> plainUserCode(String typed) {
        String plain = typed.replaceAll("[\\s-]", "").toUpperCase(Locale.ROOT);
        return plain.matches("[" + USER_CODE_ALPHABET + "]{" + USER_CODE_LETTERS + "}")
                ? Optional.of(plain)
                : Optional.empty();
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

    /** Whether two hashes are the same; takes the same time whatever they are. */
    static boolean same(String hash, @Nullable String stored) {
        return stored != null
                && MessageDigest.isEqual(
                        hash.getBytes(StandardCharsets.US_ASCII), stored.getBytes(StandardCharsets.US_ASCII));
    }

    private static byte[] random(int bytes) {
        byte[] random = new byte[bytes];
        RANDOM.nextBytes(random);
        return random;
    }
}
