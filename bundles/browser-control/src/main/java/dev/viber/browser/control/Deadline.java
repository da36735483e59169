package dev.viber.browser.control;

import java.util.concurrent.TimeUnit;

/** When a call has to be done. */
final class Deadline {
    private final long ms;
    private final long end;

    private Deadline(long ms) {
        this.ms = ms;
        end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    }

    static Deadline in(long ms) {
        return new Deadline(ms);
    }

    /** What was given at first. */
    long ms() {
        return ms;
    }

    /** What is left, 0 at least. */
    long leftNanos() {
        return Math.max(0, end - System.nanoTime());
    }

    long leftMs() {
        return TimeUnit.NANOSECONDS.toMillis(leftNanos());
    }

    boolean isOver() {
        return leftNanos() == 0;
    }

    /** This one, or the sooner one. */
    Deadline atMost(long limitMs) {
        return leftMs() > limitMs ? in(limitMs) : this;
    }
}
