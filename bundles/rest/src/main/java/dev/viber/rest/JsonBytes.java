package dev.viber.rest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/** A growing buffer of JSON text as UTF-8, reused from batch to batch; not safe for use by several threads. */
final class JsonBytes {
    private byte[] bytes;
    private int length;
    private long lastSecond = Long.MIN_VALUE;
    private byte[] lastSecondText = {};

    JsonBytes(int capacity) {
        bytes = new byte[capacity];
    }

    /** Forgets what was put. */
    void clear() {
        length = 0;
    }

    /** Gives the memory of an unusually large batch back. */
    void shrink() {
        bytes = new byte[8 * 1024];
        length = 0;
    }

    /** How many bytes were put. */
    int length() {
        return length;
    }

    /** What was put, until the next change. */
    ByteBuffer asByteBuffer() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    /** What was put from this place on, as text. */
    String textFrom(int start) {
        return new String(bytes, start, length - start, StandardCharsets.UTF_8);
    }

    JsonBytes put(byte[] more) {
        grow(more.length);
        System.arraycopy(more, 0, bytes, length, more.length);
        length += more.length;
        return this;
    }

    /** Text as it is, except that line breaks, which JSON has only between tokens, become blanks. */
    JsonBytes put(String text) {
        return put(text, 0, text.length());
    }

    /** A part of a text, as {@link #put(String)}. */
    JsonBytes put(String text, int from, int to) {
        grow((to - from) * 3);
        byte[] out = bytes;
        int at = length;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                out[at++] = c == '\n' || c == '\r' ? (byte) ' ' : (byte) c;
            } else if (c < 0x800) {
                out[at++] = (byte) (0xC0 | (c >> 6));
                out[at++] = (byte) (0x80 | (c & 0x3F));
            } else if (!Character.isSurrogate(c)) {
                out[at++] = (byte) (0xE0 | (c >> 12));
                out[at++] = (byte) (0x80 | ((c >> 6) & 0x3F));
                out[at++] = (byte) (0x80 | (c & 0x3F));
            } else if (Character.isHighSurrogate(c) && i + 1 < to && Character.isLowSurrogate(text.charAt(i + 1))) {
                int point = Character.toCodePoint(c, text.charAt(++i));
                out[at++] = (byte) (0xF0 | (point >> 18));
                out[at++] = (byte) (0x80 | ((point >> 12) & 0x3F));
                out[at++] = (byte) (0x80 | ((point >> 6) & 0x3F));
                out[at++] = (byte) (0x80 | (point & 0x3F));
            } else {
                out[at++] = '?'; // half of a pair has no UTF-8
            }
        }
        length = at;
        return this;
    }

    JsonBytes put(long number) {
        if (number < 0) {
            return put(Long.toString(number));
        }
        int digits = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        grow(digits);
        long rest = number;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    /** An instant in ISO 8601 with milliseconds, without quotes. */
    JsonBytes putInstant(long millis) {
        long second = Math.floorDiv(millis, 1000);
        if (second != lastSecond) {
            String text = Instant.ofEpochSecond(second).toString();
            lastSecondText = text.substring(0, text.length() - 1).getBytes(StandardCharsets.US_ASCII);
            lastSecond = second;
        }
        put(lastSecondText);
        int fraction = Math.floorMod(millis, 1000);
        grow(5);
        bytes[length++] = '.';
        bytes[length++] = (byte) ('0' + fraction / 100);
        bytes[length++] = (byte) ('0' + fraction / 10 % 10);
        bytes[length++] = (byte) ('0' + fraction % 10);
        bytes[length++] = 'Z';
        return this;
    }

    /**
     * The members of a JSON object, each behind a comma, without those of the given names. The object is trusted to be
     * well-formed and is copied without being understood any further.
     */
    JsonBytes putMembers(String object, String... except) {
        int at = object.indexOf('{') + 1;
        while (true) {
            at = skip(object, at);
            if (at >= object.length() || object.charAt(at) != '"') {
                return this;
            }
            int keyEnd = endOfString(object, at);
            int end = endOfValue(object, keyEnd);
            if (!isOneOf(object, at + 1, keyEnd - 1, except)) {
                grow(1);
                bytes[length++] = ',';
                put(object, at, end);
            }
            at = end;
        }
    }

    private static int skip(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) <= ' ' || text.charAt(at) == ',')) {
            at++;
        }
        return at;
    }

    private static int endOfString(String text, int quote) {
        int at = quote + 1;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return at;
            }
            if (c == '\\') {
                at++;
            }
        }
        return text.length();
    }

    private static int endOfValue(String text, int from) {
        int depth = 0;
        int at = from;
        while (at < text.length()) {
            switch (text.charAt(at)) {
                case '"' -> at = endOfString(text, at) - 1;
                case '{', '[' -> depth++;
                case '}', ']' -> {
                    if (depth-- == 0) {
                        return at;
                    }
                }
                case ',' -> {
                    if (depth == 0) {
                        return at;
                    }
                }
                default -> {
                    // a part of a token, or white space
                }
            }
            at++;
        }
        return at;
    }

    private static boolean isOneOf(String text, int from, int to, String... names) {
        for (String name : names) {
            if (name.length() == to - from && text.startsWith(name, from)) {
                return true;
            }
        }
        return false;
    }

    private void grow(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
