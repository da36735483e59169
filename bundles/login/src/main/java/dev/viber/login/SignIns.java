package dev.viber.login;

import dev.viber.api.auth.Principal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Who is signed in at the page: a random cookie each, for a quarter of an hour, in memory alone. */
final class SignIns {
    /** How long. */
    static final Duration LIFETIME = Duration.ofMinutes(15);

    private static final int MOST = 1_000;
    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * One of them.
     *
     * @param csrf what each of its forms must bring back
     */
    record SignIn(Principal principal, String csrf, Instant expiresAt) {
        /** Whether a form brought back what it was given. */
        boolean wrote(String given) {
            return MessageDigest.isEqual(
                    csrf.getBytes(StandardCharsets.US_ASCII), given.getBytes(StandardCharsets.UTF_8));
        }
    }

    private final Map<String, SignIn> open = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SignIn> eldest) {
            return size() > MOST;
        }
    };

    /** Signs in; returns the cookie's value. */
    synchronized String add(Principal principal) {
        String cookie = random();
        open.put(cookie, new SignIn(principal, random(), Instant.now().plus(LIFETIME)));
        return cookie;
    }

    /** Who has this cookie. */
    synchronized Optional<SignIn> find(String cookie) {
        SignIn found = open.get(cookie);
        if (found != null && Instant.now().isAfter(found.expiresAt)) {
            open.remove(cookie);
            return Optional.empty();
        }
        return Optional.ofNullable(found);
    }

    /** Signs out. */
    synchronized void remove(String cookie) {
        open.remove(cookie);
    }

    private static String random() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
