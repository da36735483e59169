package dev.viber.live.view;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LullTest {
    private static final long MS = Duration.ofMillis(1).toNanos();

    private final Lull lull = new Lull();

    private long patience(boolean mayMiss, long now) {
        lull.frame(mayMiss, now);
        return lull.patience();
    }

    @Test
    void asksOnceWhereTheLastPictureMayBeMissing() {
        lull.asked();
        assertThat(patience(true, 0)).as("the page as it is").isZero();
        assertThat(patience(false, 50 * MS)).as("none was left out").isZero();
        long wait = patience(true, 100 * MS);
        assertThat(wait).isEqualTo(500 * MS);
        long number = lull.number();
        assertThat(lull.isOver(number)).isTrue();
        assertThat(patience(false, 150 * MS))
                .as("one before may still be missing")
                .isPositive();
        assertThat(lull.isOver(number)).as("it moved on").isFalse();
        assertThat(lull.isOver(lull.number())).isTrue();
        lull.asked();
        assertThat(patience(true, 700 * MS)).isZero();
        assertThat(lull.isOver(lull.number())).isFalse();
    }

    @Test
    void waitsLongerWherePicturesAreRare() {
        long wait = 0;
        for (int i = 0; i < 20; i++) {
            wait = patience(true, 1_000L * i * MS);
        }
        assertThat(wait).isBetween(2_500 * MS, 4_000 * MS);
    }
}
