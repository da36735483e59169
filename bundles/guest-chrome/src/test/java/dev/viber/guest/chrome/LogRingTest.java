package dev.viber.guest.chrome;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LogRingTest {
    @Test
    void aReaderThatIsLateIsToldWhatItLost() throws InterruptedException {
        LogRing ring = new LogRing(3);
        for (int i = 1; i <= 5; i++) {
            ring.write("agent", "line " + i);
        }
        LogRing.Part late = ring.after(1, 0);
        assertThat(late.lost()).isEqualTo(1);
        assertThat(late.entries()).extracting(LogRing.Entry::id).containsExactly(3L, 4L, 5L);
        assertThat(ring.after(5, 0).entries()).isEmpty();
        // A number of another life of the agent: all there is.
        assertThat(ring.after(77, 0).entries()).hasSize(3);
        ring.close();
        assertThat(ring.after(5, 60_000).closed()).isTrue();
    }

    @Test
    void uptimeIsTextAsGoWritesIt() {
        assertThat(Facts.uptime(Duration.ofMillis(1_520))).isEqualTo("1.5s");
        assertThat(Facts.uptime(Duration.ofSeconds(3_723))).isEqualTo("1h2m3.0s");
    }
}
