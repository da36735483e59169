package dev.viber.live.view;

import java.time.Duration;

/**
 * Tells when a page has come to rest while Chrome may have left its last picture out: it does so where too many are not
 * acknowledged yet, and where only every nth is asked for. Then the picture has to be asked for anew.
 */
final class Lull {
    private static final long LEAST = Duration.ofMillis(500).toNanos();
    private static final long MOST = Duration.ofSeconds(4).toNanos();
    private static final double WEIGHT = 0.3;
    private static final int INTERVALS = 3;

    private boolean lossy;
    private boolean anew;
    private double interval;
    private long lastAt;
    private long number;

    /** The next picture is one that was asked for anew: it is the page as it is. */
    void asked() {
        anew = true;
    }

    /**
     * A picture came.
     *
     * @param mayMiss whether Chrome may have left out one behind it
     * @param now by {@link System#nanoTime}
     */
    void frame(boolean mayMiss, long now) {
        number++;
        if (anew) {
            anew = false;
            lossy = false;
            interval = 0;
        } else {
            lossy |= mayMiss;
            interval += WEIGHT * (now - lastAt - interval);
        }
        lastAt = now;
    }

    /** How many nanoseconds to wait for the next one before {@link #isOver} is asked; 0 where nothing can be missing. */
    long patience() {
        return lossy ? Math.clamp((long) (INTERVALS * interval), LEAST, MOST) : 0;
    }

    /** The number of the last picture. */
    long number() {
        return number;
    }

    /** Whether no picture has come since the one of this number. */
    boolean isOver(long last) {
        return lossy && number == last;
    }
}
