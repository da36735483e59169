package dev.viber.itest.bench;

import java.util.Arrays;

/** How old each event was when it came, by one clock; a time is written as ten digits, microseconds from the start. */
final class Ages {
    private static final long BASE = 1_000_000_000L;

    private final long start = System.nanoTime();
    private final int[] micros;
    private int count;
    private long now;

    Ages(int most) {
        micros = new int[most];
    }

    /** Looks at the clock, for what is sent or taken in until the next look. */
    void look() {
        now = BASE + (System.nanoTime() - start) / 1000;
    }

    long now() {
        return now;
    }

    void came(long sent) {
        micros[count++] = (int) (now - sent);
    }

    int count() {
        return count;
    }

    /** The age that this share of the events did not exceed, in milliseconds. */
    double quantile(double share) {
        int[] sorted = Arrays.copyOf(micros, count);
        Arrays.sort(sorted);
        return count == 0 ? 0 : sorted[(int) Math.min(count - 1, Math.floor(share * count))] / 1000.0;
    }
}
