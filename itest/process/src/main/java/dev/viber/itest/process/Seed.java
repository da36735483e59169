package dev.viber.itest.process;

import java.security.SecureRandom;

/** The seed of every random choice of a test: {@code -Dseed}, else a new one, printed either way. */
final class Seed {
    private Seed() {}

    static long get() {
        String given = System.getProperty("seed", "");
        long seed = given.isEmpty() ? new SecureRandom().nextLong() : Long.parseLong(given);
        System.out.println("seed " + seed);
        return seed;
    }
}
