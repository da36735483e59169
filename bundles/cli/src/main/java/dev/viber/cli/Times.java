package dev.viber.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Durations and instants as people write them. */
final class Times {
    private Times() {}

    /** {@code 500ms}, {@code 30s}, {@code 1h30m}, {@code 2d} or ISO 8601. */
    static final class DurationReader implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return duration(text);
        }
    }

    /** An instant such as {@code 2026-12-31T23:59:59Z}, or a duration from now. */
    static final class InstantReader implements ITypeConverter<Instant> {
        @Override
        public Instant convert(String text) {
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                return Instant.now().plus(duration(text));
            }
        }
    }

    /** A duration as people read it: {@code 1h2m3s}. */
    static String text(Duration duration) {
        return duration.toString().substring(2).toLowerCase(Locale.ROOT);
    }

    /** Whole seconds, for a request; null for null. */
    static @Nullable Integer seconds(@Nullable Duration duration) {
        return duration == null ? null : (int) Math.min(Integer.MAX_VALUE, duration.toSeconds());
    }

    private static Duration duration(String text) {
        String upper = text.strip().toUpperCase(Locale.ROOT);
        try {
            if (upper.matches("[0-9]+MS")) {
                return Duration.ofMillis(Long.parseLong(upper.substring(0, upper.length() - 2)));
            }
            if (upper.startsWith("P")) {
                return Duration.parse(upper);
            }
            int days = upper.indexOf('D') + 1;
            String rest = upper.substring(days);
            return Duration.parse("P" + upper.substring(0, days) + (rest.isEmpty() ? "" : "T" + rest));
        } catch (DateTimeException | NumberFormatException e) {
            throw new TypeConversionException("'" + text + "' is no time; wanted one such as 30s, 1h30m or 2d");
        }
    }
}
