package dev.viber.api.task;

import dev.viber.api.problem.ProblemException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a task may spend at most; null parts have no limit.
 *
 * @param steps begun, each round of a forEach being one
 * @param toolCalls made, those tried again included
 * @param wall time since the task began, whatever it waited for
 */
public record Budget(
        @Nullable Long steps,
        @Nullable Long toolCalls,
        @Nullable Duration wall) {
    /** No limits. */
    public static final Budget NONE = new Budget(null, null, null);

    private static final long MOST = 1_000_000_000L;
    private static final Pattern PART = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final Pattern PLAIN = Pattern.compile("(?:[0-9]{1,9}(?:ms|s|m|h|d))+");

    /**
     * Reads {@code {"steps":100,"toolCalls":20,"wall":"10m"}}; {@code seconds} as a number may stand for {@code wall}.
     *
     * @param given null for no limits
     * @param pointer where it stands, for refusals
     * @throws ProblemException where it is wrong, naming the member
     */
    public static Budget of(@Nullable Object given, String pointer) {
        if (given == null) {
            return NONE;
        }
        if (!(given instanceof Map<?, ?> members)) {
            throw wrong(pointer, given, "an object such as {\"steps\":100,\"toolCalls\":20,\"wall\":\"10m\"}");
        }
        Long steps = null;
        Long toolCalls = null;
        Duration wall = null;
        for (Map.Entry<?, ?> member : members.entrySet()) {
            String at = pointer + "/" + member.getKey();
            Object value = member.getValue();
            if (value == null) {
                continue;
            }
            switch (String.valueOf(member.getKey())) {
                case "steps" -> steps = count(at, value);
                case "toolCalls" -> toolCalls = count(at, value);
                case "seconds", "wall" -> wall = duration(at, value);
                default -> throw wrong(at, value, "one of steps, toolCalls, wall and seconds");
            }
        }
        return new Budget(steps, toolCalls, wall);
    }

    private static Long count(String pointer, Object value) {
        try {
            long number = Long.parseLong(value.toString());
            if (number >= 0 && number <= MOST) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw wrong(pointer, value, "a whole number from 0 to " + MOST);
        }
        throw wrong(pointer, value, "a whole number from 0 to " + MOST);
    }

    /** A number of seconds, {@code 90s}, {@code 1h30m}, {@code 1d} or ISO 8601. */
    private static Duration duration(String pointer, Object value) {
        String text = value.toString().strip().toLowerCase(Locale.ROOT);
        try {
            Duration duration = value instanceof Number seconds
                    ? Duration.ofMillis(Math.round(seconds.doubleValue() * 1_000))
                    : PLAIN.matcher(text).matches() ? plain(text) : Duration.parse(text);
            if (!duration.isNegative() && duration.toSeconds() <= MOST) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            throw wrong(pointer, value, "a number of seconds or a duration such as 90s, 10m or 1h30m");
        }
        throw wrong(pointer, value, "a number of seconds or a duration such as 90s, 10m or 1h30m");
    }

    private static Duration plain(String text) {
        Duration sum = Duration.ZERO;
        for (Matcher part = PART.matcher(text); part.find(); ) {
            long amount = Long.parseLong(part.group(1));
            sum = sum.plus(
                    switch (part.group(2)) {
                        case "ms" -> Duration.ofMillis(amount);
                        case "s" -> Duration.ofSeconds(amount);
                        case "m" -> Duration.ofMinutes(amount);
                        case "h" -> Duration.ofHours(amount);
                        default -> Duration.ofDays(amount);
                    });
        }
        return sum;
    }

    private static ProblemException wrong(String pointer, Object value, String wanted) {
        return ProblemException.invalid(
                pointer, "%s is '%s'; wanted %s".formatted(pointer.substring(1).replace('/', '.'), value, wanted));
    }

    /** These limits, and where there is none, those. */
    public Budget orElse(Budget other) {
        return new Budget(
                steps == null ? other.steps : steps,
                toolCalls == null ? other.toolCalls : toolCalls,
                wall == null ? other.wall : wall);
    }

    /** Whether nothing is limited. */
    public boolean isNone() {
        return equals(NONE);
    }

    /** The limits by name, {@code seconds} being a number. */
    public Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        if (steps != null) {
            shown.put("steps", steps);
        }
        if (toolCalls != null) {
            shown.put("toolCalls", toolCalls);
        }
        if (wall != null) {
            shown.put("seconds", wall.toMillis() / 1_000.0);
        }
        return shown;
    }
}
