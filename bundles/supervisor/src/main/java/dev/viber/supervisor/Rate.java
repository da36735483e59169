package dev.viber.supervisor;

import java.util.function.LongSupplier;

/** So many a second and no more. For one thread. */
final class Rate {
    private static final long SECOND = 1_000_000_000;

    private final int most;
    private final LongSupplier clock;
    private long begin;
    private int taken;

    /**
     * None is taken yet.
     *
     * @param clock in ns
     */
    Rate(int most, LongSupplier clock) {
        this.most = most;
        this.clock = clock;
        begin = clock.getAsLong();
    }

    /** Whether one more may be taken, which counts it. */
    boolean take() {
        long now = clock.getAsLong();
        if (now - begin >= SECOND) {
            begin = now;
            taken = 0;
        }
        if (taken == most) {
            return false;
        }
        taken++;
        return true;
    }
}
