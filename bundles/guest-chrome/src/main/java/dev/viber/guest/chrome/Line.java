package dev.viber.guest.chrome;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One message between the agent and {@code viper-init}: a word and named values, as {@code docs/protocols/guest-control.md}
 * has it.
 *
 * @param word such as {@code ready}
 * @param values in their order
 */
record Line(String word, Map<String, String> values) {
    /** Of a message without its end. */
    static final int LONGEST = 4095;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

    /**
     * Reads a message without its end.
     *
     * @throws IllegalArgumentException with what is wrong with it
     */
    static Line parse(String text) {
        String[] parts = text.split(" ", -1);
        if (!NAME.matcher(parts[0]).matches()) {
            throw new IllegalArgumentException("'" + parts[0] + "' is no word");
        }
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            if (equals < 0 || !NAME.matcher(parts[i].substring(0, equals)).matches()) {
                throw new IllegalArgumentException("'" + parts[i] + "' is no name=value");
            }
            if (values.put(parts[i].substring(0, equals), decoded(parts[i].substring(equals + 1))) != null) {
                throw new IllegalArgumentException("'" + parts[i].substring(0, equals) + "' is there twice");
            }
        }
        return new Line(parts[0], values);
    }

    /**
     * As it is sent, with its end.
     *
     * @throws IllegalArgumentException where it is longer than a message may be
     */
    byte[] bytes() {
        StringBuilder out = new StringBuilder(word);
        values.forEach((name, value) -> out.append(' ').append(name).append('=').append(encoded(value)));
        if (out.length() > LONGEST) {
            throw new IllegalArgumentException("the message '" + word + "' is longer than " + LONGEST + " bytes");
        }
        return out.append('\n').toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String encoded(String value) {
        StringBuilder out = new StringBuilder(value.length());
        for (byte each : value.getBytes(StandardCharsets.UTF_8)) {
            if (each >= '!' && each <= '~' && each != '%') {
                out.append((char) each);
            } else {
                out.append('%').append(HexFormat.of().toHexDigits(each));
            }
        }
        return out.toString();
    }

    private static String decoded(String value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c < '!' || c > '~') {
                throw new IllegalArgumentException("a byte that is not printable ASCII");
            }
            if (c != '%') {
                out.write(c);
                continue;
            }
            if (i + 2 >= value.length()) {
                throw new IllegalArgumentException("'" + value + "' ends within a %XX");
            }
            out.write(HexFormat.fromHexDigits(value, i + 1, i + 3));
            i += 2;
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
