package dev.viber.api.vm;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of the control channel between host and guest: a word and named values.
 *
 * <pre>{@code
 * ControlLine.of("power-off", Map.of("reason", "stopped by owner")).text() // power-off reason=stopped%20by%20owner
 * ControlLine.parse("booted protocol=1").values().get("protocol")         // 1
 * }</pre>
 *
 * <p>Values are printable ASCII, every other byte of their UTF-8 as {@code %XX}; see {@code
 * docs/protocols/guest-control.md}.
 */
public record ControlLine(String word, Map<String, String> values) {
    private static final String NAME = "[A-Za-z0-9._-]+";

    /** A copy of what may change under it. */
    public ControlLine {
        if (!word.matches(NAME)) {
            throw new IllegalArgumentException(
                    "'%s' is no word: wanted letters, digits, '-', '_', '.'".formatted(word));
        }
        values = Map.copyOf(values);
    }

    /** A line to send. */
    public static ControlLine of(String word, Map<String, String> values) {
        return new ControlLine(word, values);
    }

    /** A value; null where it is not there. */
    public @Nullable String get(String name) {
        return values.get(name);
    }

    /** The line without its end. */
    public String text() {
        StringBuilder out = new StringBuilder(word);
        values.forEach((name, value) -> {
            out.append(' ').append(name).append('=');
            for (byte one : value.getBytes(StandardCharsets.UTF_8)) {
                if (one >= '!' && one <= '~' && one != '%') {
                    out.append((char) one);
                } else {
                    out.append('%').append("%02x".formatted(one & 0xFF));
                }
            }
        });
        return out.toString();
    }

    /**
     * Reads a line without its end.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static ControlLine parse(String line) {
        String[] parts = line.split(" ", -1);
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            String name = equals < 0 ? "" : parts[i].substring(0, equals);
            if (!name.matches(NAME)) {
                throw new IllegalArgumentException("'%s' is not name=value".formatted(parts[i]));
            }
            if (values.put(name, decode(parts[i].substring(equals + 1))) != null) {
                throw new IllegalArgumentException("'%s' is there twice".formatted(name));
            }
        }
        return new ControlLine(parts[0], values);
    }

    private static String decode(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char one = text.charAt(i);
            if (one != '%') {
                out.write(one);
                continue;
            }
            if (i + 2 >= text.length()) {
                throw new IllegalArgumentException("'%s' ends within %%XX".formatted(text));
            }
            try {
                out.write(Integer.parseInt(text, i + 1, i + 3, 16));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'%s' has a %% without two hexadecimal digits".formatted(text), e);
            }
            i += 2;
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
