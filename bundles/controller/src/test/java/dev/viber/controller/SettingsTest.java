package dev.viber.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.viber.ViberDesk;
import dev.viber.link.BackOff;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private record Given(
            String server,
            String token,
            String token_file,
            String tls_ca,
            boolean insecure_plain_text,
            String id,
            String name,
            String state,
            int heartbeat_ms,
            String version)
            implements ControllerConfiguration {
        static Given in(Path state, String id, int heartbeatMs) {
            return new Given("", "", "", "", false, id, "", state.toString(), heartbeatMs, "");
        }

        static Given dialling(Path state, String server, boolean plain) {
            return new Given(server, "", "", "", plain, "box", "", state.toString(), 10_000, "");
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return ControllerConfiguration.class;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ws://h:1, ws://h:1/vibers/ws",
        "ws://h:1/, ws://h:1/vibers/ws",
        "ws://h:1/vibers/ws, ws://h:1/vibers/ws",
        "http://h:1, ws://h:1/vibers/ws",
        "https://h/base/, wss://h/base/vibers/ws",
        "h:1, ws://h:1/vibers/ws",
    })
    void anAddressIsCompleted(String given, String meant) {
        assertThat(Settings.address(given)).hasToString(meant);
    }

    @Test
    void anAddressThatIsNoneIsRefused() {
        assertThatThrownBy(() -> Settings.address("ftp://h"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ftp://h")
                .hasMessageContaining("ws://HOST:PORT");
    }

    @Test
    void anIdIsMadeOnceAndKept(@TempDir Path state) throws Exception {
        String made = Settings.of(Given.in(state, "", 10_000), "1").viberId();
        assertThat(made).matches("viber-.+-[a-z0-9]{4}").matches(ViberDesk.ID_PATTERN);
        assertThat(Settings.of(Given.in(state, "", 10_000), "1").viberId()).isEqualTo(made);
        assertThat(Settings.of(Given.in(state, "mine", 10_000), "1").viberId()).isEqualTo("mine");
    }

    @Test
    void wrongValuesAreNamed(@TempDir Path state) {
        assertThatThrownBy(() -> Settings.of(Given.in(state, "no id!", 10_000), "1"))
                .hasMessageContaining("no id!");
        assertThatThrownBy(() -> Settings.of(Given.in(state, "", 5), "1")).hasMessageContaining("heartbeat.ms");
    }

    @ParameterizedTest
    @CsvSource({
        "ws://192.0.2.1:7777, false",
        "http://gateway.example, false",
        "wss://gateway.example, true",
        "ws://127.0.0.1:7777, true",
        "ws://[::1]:7777, true",
        "ws://localhost:7777, true",
    })
    void aTokenGoesToAnotherMachineInPlainTextOnlyIfThatIsAskedFor(String server, boolean allowed, @TempDir Path state)
            throws Exception {
        if (allowed) {
            assertThat(Settings.of(Given.dialling(state, server, false), "1").server())
                    .isNotNull();
        } else {
            assertThatThrownBy(() -> Settings.of(Given.dialling(state, server, false), "1"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("insecure.plain.text");
        }
        assertThat(Settings.of(Given.dialling(state, server, true), "1").server())
                .isNotNull();
    }

    @Test
    void retryAfterIsReadInBothForms() {
        Instant now = Instant.parse("2026-11-24T00:00:00Z");
        assertThat(BackOff.retryAfter("7", now)).isEqualTo(Duration.ofSeconds(7));
        assertThat(BackOff.retryAfter("Tue, 24 Nov 2026 00:00:09 GMT", now)).isEqualTo(Duration.ofSeconds(9));
        assertThat(BackOff.retryAfter("soon", now)).isZero();
        assertThat(BackOff.retryAfter("999999", now)).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void theBackOffDoublesToItsLongestAndBeginsAnew() {
        // A generator of nothing but the largest values: each pause is its bound.
        RandomGenerator largest = new RandomGenerator() {
            @Override
            public long nextLong() {
                return -1L;
            }

            @Override
            public long nextLong(long bound) {
                return bound - 1;
            }
        };
        BackOff backOff = new BackOff(Duration.ofMillis(500), Duration.ofMinutes(1), largest);
        assertThat(backOff.next()).isEqualTo(Duration.ofMillis(500));
        assertThat(backOff.next()).isEqualTo(Duration.ofSeconds(1));
        for (int i = 0; i < 40; i++) {
            backOff.next();
        }
        assertThat(backOff.next()).isEqualTo(Duration.ofMinutes(1));
        backOff.reset();
        assertThat(backOff.next()).isEqualTo(Duration.ofMillis(500));
    }
}
