package dev.viber.live.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {
    private long now = 1_000;
    private final Pace pace = new Pace(now);

    /** Frames for so long, each of which took this; how often the level changed. */
    private int watch(long seconds, long tookMs) {
        int changes = 0;
        for (long end = now + TimeUnit.SECONDS.toNanos(seconds); now < end; ) {
            now += TimeUnit.MILLISECONDS.toNanos(Math.max(tookMs, 20));
            changes += pace.took(TimeUnit.MILLISECONDS.toNanos(tookMs), now) ? 1 : 0;
        }
        return changes;
    }

    @Test
    void staysBestWhileTheViewerKeepsUp() {
        assertThat(watch(60, 20)).isZero();
        assertThat(pace.number()).isZero();
    }

    @Test
    void goesDownToTheLeastAndBackUp() {
        watch(30, 1_000);
        assertThat(pace.level()).isEqualTo(Pace.LEVELS.getLast());
        watch(120, 20);
        assertThat(pace.level()).isEqualTo(Pace.LEVELS.getFirst());
    }

    @Test
    void aSingleLateFrameChangesNothing() {
        watch(5, 20);
        now += TimeUnit.MILLISECONDS.toNanos(900);
        assertThat(pace.took(TimeUnit.MILLISECONDS.toNanos(900), now)).isFalse();
        assertThat(watch(5, 20)).isZero();
    }

    @Test
    void aLevelThatWasTooMuchIsTriedLessAndLessOften() {
        // The line carries level 1 and not level 0.
        int changes = 0;
        watch(3, 1_000);
        for (int i = 0; i < 600; i++) {
            changes += watch(1, pace.number() == 0 ? 900 : 20);
        }
        assertThat(changes).isBetween(2, 40);
    }
}
