package dev.viber.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Whom systemd asks for signs of life, and how often. */
class WatchdogTest {
    @Test
    void readsWhatSystemdAsksFor() {
        assertThat(Watchdog.micros(Map.of(), 7)).isZero();
        assertThat(Watchdog.micros(Map.of("WATCHDOG_USEC", "60000000"), 7)).isEqualTo(60_000_000);
        assertThat(Watchdog.micros(Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "7"), 7))
                .isEqualTo(5);
        assertThat(Watchdog.micros(Map.of("WATCHDOG_USEC", "5", "WATCHDOG_PID", "8"), 7))
                .as("another process is meant")
                .isZero();
        assertThat(Watchdog.micros(Map.of("WATCHDOG_USEC", "soon"), 7)).isZero();
    }
}
