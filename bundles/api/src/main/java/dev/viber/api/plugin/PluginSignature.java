package dev.viber.api.plugin;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A detached signature of a plugin's jar: Ed25519 over the 32 bytes of the jar's SHA-256 digest.
 *
 * <p>As text it is {@code keyId:base64}, the form of the header {@code Viber-Signature} and of {@code .sig} files. The key
 * id is {@code k} and the 32 bytes of the public key itself in URL-safe Base64 without padding, so that it cannot stand for
 * two keys, and never begins as an option does.
 *
 * @param keyId 44 characters
 * @param base64 the 64 bytes of the signature in Base64
 */
public record PluginSignature(String keyId, String base64) {
    /** What is well-formed as a key id. */
    public static final String KEY_PATTERN = "k[A-Za-z0-9_-]{43}";

    private static final String PREFIX = "k";
    private static final Pattern TEXT = Pattern.compile("(" + KEY_PATTERN + "):([A-Za-z0-9+/]{86}==)");
    private static final byte[] SPKI = HexFormat.of().parseHex("302a300506032b6570032100");

    /**
     * Reads the text form; white space around it is passed over.
     *
     * @throws IllegalArgumentException where it is something else; the message says what was wanted
     */
    public static PluginSignature parse(String text) {
        Matcher matcher = TEXT.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no signature: wanted keyId:base64, the content of a .sig file");
        }
        return new PluginSignature(matcher.group(1), matcher.group(2));
    }

    /** Whether the key of this id signed this digest, 32 bytes long. */
    public boolean signs(byte[] sha256) {
        try {
            Signature ed25519 = Signature.getInstance("Ed25519");
            ed25519.initVerify(publicKey(keyId));
            ed25519.update(sha256);
            return ed25519.verify(Base64.getDecoder().decode(base64));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false; // a key or signature that is none signs nothing
        }
    }

    /** The id of a public Ed25519 key. */
    public static String keyId(PublicKey key) {
        byte[] encoded = key.getEncoded();
        if (encoded == null
                || encoded.length != SPKI.length + 32
                || !Arrays.equals(SPKI, Arrays.copyOf(encoded, SPKI.length))) {
            throw new IllegalArgumentException("not an Ed25519 key, but " + key.getAlgorithm());
        }
        return PREFIX
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(Arrays.copyOfRange(encoded, SPKI.length, encoded.length));
    }

    private static PublicKey publicKey(String keyId) throws GeneralSecurityException {
        byte[] raw = Base64.getUrlDecoder().decode(keyId.substring(PREFIX.length()));
        byte[] encoded = Arrays.copyOf(SPKI, SPKI.length + raw.length);
        System.arraycopy(raw, 0, encoded, SPKI.length, raw.length);
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded));
    }

    @Override
    public String toString() {
        return keyId + ":" + base64;
    }
}
