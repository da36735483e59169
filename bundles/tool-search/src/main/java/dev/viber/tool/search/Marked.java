package dev.viber.tool.search;

import java.util.Arrays;

/** A line that is not all ASCII as re2j is to see it, and where each of its letters came from; used by one thread. */
final class Marked implements CharSequence {
    private final int marks;
    private char[] letters = new char[256];
    private int[] origins = new int[256];
    private int size;
    private boolean wordBefore;

    Marked(int marks) {
        this.marks = marks;
    }

    /** Takes a line in. */
    Marked read(byte[] text, int from, int to) {
        size = 0;
        wordBefore = false;
        int at = from;
        while (at < to) {
            int length = runeLength(text, at, to);
            int rune = length == 0 ? Translation.BROKEN : rune(text, at, length);
            if (marks > 0) {
                mark(length > 0 && isWord(rune), at - from);
            }
            put(rune, at - from);
            at += Math.max(length, 1);
        }
        if (marks > 0) {
            mark(false, to - from);
        }
        return this;
    }

    /** How many bytes into the line this letter began. */
    int origin(int index) {
        return index < size ? origins[index] : size == 0 ? 0 : origins[size - 1];
    }

    private void mark(boolean word, int origin) {
        int mark = word != wordBefore ? Translation.EDGE : Translation.NO_EDGE;
        wordBefore = word;
        for (int i = 0; i < marks; i++) {
            put(mark, origin);
        }
    }

    private void put(int rune, int origin) {
        if (size + 2 > letters.length) {
            letters = Arrays.copyOf(letters, letters.length * 2);
            origins = Arrays.copyOf(origins, origins.length * 2);
        }
        int end = size + Character.toChars(rune, letters, size);
        while (size < end) {
            origins[size++] = origin;
        }
    }

    private static boolean isWord(int rune) {
        if (rune < 128) {
            return Character.isLetterOrDigit(rune) || rune == '_';
        }
        int[] ranges = Runes.word().ranges();
        int at = Arrays.binarySearch(ranges, rune);
        return at >= 0 || (-at - 1) % 2 == 1;
    }

    /** How long the rune is that begins here, or 0 where the bytes are no UTF-8. */
    static int runeLength(byte[] text, int at, int to) {
        int first = text[at] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (length == 0 || at + length > to) {
            return 0;
        }
        int second = text[at + 1] & 0xff;
        int least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((text[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    private static int rune(byte[] text, int at, int length) {
        return switch (length) {
            case 1 -> text[at];
            case 2 -> (text[at] & 0x1f) << 6 | (text[at + 1] & 0x3f);
            case 3 -> (text[at] & 0x0f) << 12 | (text[at + 1] & 0x3f) << 6 | (text[at + 2] & 0x3f);
            default ->
                (text[at] & 0x07) << 18
                        | (text[at + 1] & 0x3f) << 12
                        | (text[at + 2] & 0x3f) << 6
                        | (text[at + 3] & 0x3f);
        };
    }

    @Override
    public int length() {
        return size;
    }

    @Override
    public char charAt(int index) {
        return letters[index];
    }

    @Override
    public CharSequence subSequence(int start, int end) {
        return new String(letters, start, end - start);
    }

    @Override
    public String toString() {
        return new String(letters, 0, size);
    }
}
