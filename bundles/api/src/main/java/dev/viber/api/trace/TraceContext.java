package dev.viber.api.trace;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One span of a trace, as the W3C's {@code traceparent} names it (Trace Context, levels 1 and 2).
 *
 * <pre>{@code
 * TraceContext mine = TraceContext.parse(header).map(TraceContext::child).orElseGet(TraceContext::begin);
 * request.header(TraceContext.HEADER, mine.toString());
 * }</pre>
 *
 * @param traceId 32 lower-case hexadecimal digits, not all of them 0
 * @param spanId 16 lower-case hexadecimal digits, not all of them 0
 * @param flags {@link #SAMPLED} and {@link #RANDOM}; other bits are not carried on
 */
public record TraceContext(String traceId, String spanId, int flags) {
    /** The name of the HTTP header, and of the member of a frame. */
    public static final String HEADER = "traceparent";

    /** The flag that says: whoever began may have recorded this trace. */
    public static final int SAMPLED = 1;

    /** The flag that says: the trace id was made at random. */
    public static final int RANDOM = 2;

    private static final int LENGTH = 55;
    private static final Pattern FORM = Pattern.compile("([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");
    private static final HexFormat HEX = HexFormat.of();

    /** Refuses ids that are none, and drops flags that are not known. */
    public TraceContext {
        require("trace id", traceId, 32);
        require("span id", spanId, 16);
        flags &= SAMPLED | RANDOM;
    }

    private static void require(String what, String id, int digits) {
        if (!id.matches("[0-9a-f]{" + digits + "}") || isZero(id)) {
            throw new IllegalArgumentException(
                    "%s '%s': wanted %d lower-case hexadecimal digits that are not all 0".formatted(what, id, digits));
        }
    }

    private static boolean isZero(String digits) {
        return digits.chars().allMatch(digit -> digit == '0');
    }

    /**
     * Reads a {@code traceparent}; empty for null and for what is none, which is to be ignored.
     *
     * <p>Version 00 has exactly 55 characters. Of a later one the first 55 are read as if they were of version 00, where
     * nothing follows or a {@code -}; version ff is none.
     */
    public static Optional<TraceContext> parse(@Nullable String text) {
        if (text == null || text.length() < LENGTH) {
            return Optional.empty();
        }
        var parts = FORM.matcher(text).region(0, LENGTH);
        if (!parts.matches() || isZero(parts.group(2)) || isZero(parts.group(3))) {
            return Optional.empty();
        }
        String version = parts.group(1);
        boolean first = version.equals("00");
        boolean more = text.length() > LENGTH;
        if (version.equals("ff") || (more && (first || text.charAt(LENGTH) != '-'))) {
            return Optional.empty();
        }
        int known = first ? SAMPLED | RANDOM : SAMPLED;
        return Optional.of(
                new TraceContext(parts.group(2), parts.group(3), HexFormat.fromHexDigits(parts.group(4)) & known));
    }

    /** The first span of a new trace. */
    public static TraceContext begin() {
        return new TraceContext(digits() + digits(), digits(), SAMPLED | RANDOM);
    }

    /** Another span of the same trace. */
    public TraceContext child() {
        return new TraceContext(traceId, digits(), flags);
    }

    // Unguessable they need not be, and nobody is let in by one.
    private static String digits() {
        long random;
        do {
            random = ThreadLocalRandom.current().nextLong();
        } while (random == 0);
        return HEX.toHexDigits(random);
    }

    /** The {@code traceparent}, of version 00. */
    @Override
    public String toString() {
        return "00-" + traceId + "-" + spanId + "-" + HEX.toHexDigits((byte) flags);
    }
}
