package dev.viber.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateTest {
    private long now;

    @Test
    void soManyAreTakenInASecond() {
        Rate rate = new Rate(2, () -> now);
        assertThat(rate.take()).isTrue();
        now = 999_999_999;
        assertThat(rate.take()).isTrue();
        assertThat(rate.take()).isFalse();
        now = 1_000_000_000;
        assertThat(rate.take()).isTrue();
        assertThat(rate.take()).isTrue();
        assertThat(rate.take()).isFalse();
    }
}
