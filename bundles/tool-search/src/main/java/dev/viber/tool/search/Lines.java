package dev.viber.tool.search;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Questions about bytes that make up lines, answered eight bytes at a time. */
final class Lines {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long SEVENS = 0x7f7f7f7f7f7f7f7fL;
    private static final long HIGHS = ~SEVENS;
    private static final long BREAKS = 0x0a0a0a0a0a0a0a0aL;

    private Lines() {}

    /** Where the next line break is, or {@code to}. */
    static int end(byte[] text, int from, int to) {
        int at = from;
        for (; at <= to - 8; at += 8) {
            long zeros = zeros((long) LONGS.get(text, at) ^ BREAKS);
            if (zeros != 0) {
                return at + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
        }
        while (at < to && text[at] != '\n') {
            at++;
        }
        return at;
    }

    /** Behind the last line break before {@code to}, or {@code from} where there is none. */
    static int start(byte[] text, int from, int to) {
        int at = to;
        for (; at - 8 >= from; at -= 8) {
            long zeros = zeros((long) LONGS.get(text, at - 8) ^ BREAKS);
            if (zeros != 0) {
                return at - (Long.numberOfLeadingZeros(zeros) >>> 3);
            }
        }
        while (at > from && text[at - 1] != '\n') {
            at--;
        }
        return at;
    }

    /** How many line breaks there are. */
    static int count(byte[] text, int from, int to) {
        int count = 0;
        int at = from;
        for (; at <= to - 8; at += 8) {
            count += Long.bitCount(zeros((long) LONGS.get(text, at) ^ BREAKS));
        }
        for (; at < to; at++) {
            count += text[at] == '\n' ? 1 : 0;
        }
        return count;
    }

    static boolean hasNul(byte[] text, int from, int to) {
        int at = from;
        for (; at <= to - 16; at += 16) {
            if ((zeros((long) LONGS.get(text, at)) | zeros((long) LONGS.get(text, at + 8))) != 0) {
                return true;
            }
        }
        for (; at < to; at++) {
            if (text[at] == 0) {
                return true;
            }
        }
        return false;
    }

    static boolean isAscii(byte[] text, int from, int to) {
        long all = 0;
        int at = from;
        for (; at <= to - 8; at += 8) {
            all |= (long) LONGS.get(text, at);
        }
        for (; at < to; at++) {
            all |= text[at]; // a negative byte sets every bit above it
        }
        return (all & HIGHS) == 0;
    }

    /** The high bit of each byte that is zero. */
    private static long zeros(long word) {
        return ~(((word & SEVENS) + SEVENS) | word | SEVENS);
    }
}
