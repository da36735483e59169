package dev.viber.agent;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 1h30m}, {@code 500ms}, a number of seconds, or ISO 8601. */
final class Durations {
    private static final Pattern PART = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*(ms|s|m|h|d)\\s*");
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

    private Durations() {}

    static Duration of(Object value) {
        if (value instanceof Number seconds) {
            return Duration.ofMillis(Math.round(seconds.doubleValue() * 1_000));
        }
        String text = value.toString().strip();
        try {
            if (text.toUpperCase(Locale.ROOT).startsWith("P")) {
                return Duration.parse(text);
            }
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(wrong(text), e);
        }
        Matcher part = PART.matcher(text.toLowerCase(Locale.ROOT));
        double millis = 0;
        int end = 0;
        while (end < text.length() && part.find(end) && part.start() == end) {
            millis += Double.parseDouble(part.group(1)) * MILLIS.getOrDefault(part.group(2), 0L);
            end = part.end();
        }
        if (text.isEmpty() || end < text.length()) {
            throw new IllegalArgumentException(wrong(text));
        }
        return Duration.ofMillis(Math.round(millis));
    }

    private static String wrong(String text) {
        return "duration '%s': wanted such as 500ms, 30s, 1h30m or PT30S".formatted(text);
    }

    /** As people read it. */
    static String text(Duration duration) {
        return duration.toMillis() % 1_000 == 0 ? duration.toSeconds() + " s" : duration.toMillis() + " ms";
    }
}
