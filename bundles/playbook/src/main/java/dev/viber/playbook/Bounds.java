package dev.viber.playbook;

import java.io.Writer;

/** How large the results of one evaluation may become: every text and value it makes is counted. */
final class Bounds {
    private static final int VALUE_COST = 8;

    private final int maxCharacters;
    private long used;

    Bounds(int maxCharacters) {
        this.maxCharacters = maxCharacters;
    }

    /** Counts a text. */
    String text(String text) {
        count(text.length());
        return text;
    }

    /** Counts a number, a list, an entry of a map. */
    void value() {
        count(VALUE_COST);
    }

    /** Refuses a text on the way to the result that alone would be too large. */
    static void require(long characters, int maxCharacters) {
        if (characters > maxCharacters) {
            throw new ExpressionException(
                    "the result is larger than the %d characters allowed".formatted(maxCharacters));
        }
    }

    private void count(long characters) {
        used += characters;
        require(used, maxCharacters);
    }

    /** A text that refuses to grow beyond its bound. */
    static final class Text extends Writer {
        private final StringBuilder text = new StringBuilder();
        private final int maxCharacters;

        Text(int maxCharacters) {
            this.maxCharacters = maxCharacters;
        }

        @Override
        public void write(char[] characters, int from, int length) {
            require((long) text.length() + length, maxCharacters);
            text.append(characters, from, length);
        }

        @Override
        public void write(String more) {
            require((long) text.length() + more.length(), maxCharacters);
            text.append(more);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
