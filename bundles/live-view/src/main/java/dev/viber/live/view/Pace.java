package dev.viber.live.view;

import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How much is sent: from the time that frames take to the fastest viewer, one of some levels. Goes down soon, and up
 * slowly; a level that was left again at once is tried later the next time.
 */
final class Pace {
    /**
     * What Chrome is asked for.
     *
     * @param quality of the JPEG, 0 to 100
     * @param width at most, in pixels
     * @param height at most, in pixels
     * @param everyNth of the frames that Chrome draws
     */
    record Level(int quality, int width, int height, int everyNth) {}

    /** From the best to the least. */
    static final List<Level> LEVELS = List.of(
            new Level(80, 1920, 1200, 1),
            new Level(65, 1280, 800, 1),
            new Level(50, 1024, 640, 1),
            new Level(40, 800, 500, 2),
            new Level(30, 640, 400, 3),
            new Level(20, 480, 300, 4));

    private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(300);
    private static final long QUICK = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long DOWN_AFTER = TimeUnit.SECONDS.toNanos(1);
    private static final long UP_AFTER = TimeUnit.SECONDS.toNanos(4);
    private static final long LONGEST_UP = TimeUnit.SECONDS.toNanos(64);
    /** The weight of what a new frame tells. */
    private static final double WEIGHT = 0.3;

    private int level;
    private double delay;
    private long changedAt;
    private long upAfter = UP_AFTER;
    private boolean wentUp;

    /** At the best level. */
    Pace(long now) {
        changedAt = now;
    }

    Level level() {
        return LEVELS.get(level);
    }

    /** Its number, 0 for the best. */
    int number() {
        return level;
    }

    /**
     * A frame has reached the fastest viewer.
     *
     * @param took from when it was there to when that viewer had it, in nanoseconds
     * @param now by {@link System#nanoTime}
     * @return whether the level is another one now
     */
    boolean took(long took, long now) {
        delay += WEIGHT * (took - delay);
        long since = now - changedAt;
        if (delay > SLOW && since > DOWN_AFTER && level < LEVELS.size() - 1) {
            upAfter = wentUp && since < upAfter ? Math.min(2 * upAfter, LONGEST_UP) : upAfter;
            return change(1, now);
        }
        if (delay < QUICK && since > upAfter && level > 0) {
            return change(-1, now);
        }
        if (since > 2 * LONGEST_UP) {
            upAfter = UP_AFTER;
        }
        return false;
    }

    private boolean change(int by, long now) {
        level += by;
        wentUp = by < 0;
        changedAt = now;
        delay = (SLOW + QUICK) / 2.0; // what was measured was another level
        return true;
    }
}
