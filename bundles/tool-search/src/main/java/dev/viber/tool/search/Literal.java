package dev.viber.tool.search;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are in every line that fits: most lines are told apart by these alone, eight bytes at a time.
 *
 * <p>Two letters of it are looked for, the rarest and one beside it; where both stand in their places the rest is
 * compared.
 */
final class Literal {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long SEVENS = 0x7f7f7f7f7f7f7f7fL;
    private static final long CASES = 0x2020202020202020L;
    /** From common to rare, as source code and English have them; what is not here is rarer still. */
    private static final String COMMON =
            " e\ntaionsrlcdupmh.f,g()y=\"_b-:v;/wx'*1TSkE0AICRNO{}PDL2F><[]j3Mz#BU@\t4q!&+5869H$G|7VW?\\\rKYXJQ%Z`~^";

    private final byte[] bytes;
    private final boolean caseless;
    private final boolean whole;
    private final int first;
    private final int second;
    private final long firsts;
    private final long seconds;
    private final long firstCases;
    private final long secondCases;

    private Literal(byte[] bytes, boolean caseless, boolean whole) {
        this.bytes = bytes;
        this.caseless = caseless;
        this.whole = whole;
        int rarest = 0;
        for (int i = 1; i < bytes.length; i++) {
            rarest = rarity(bytes[i]) > rarity(bytes[rarest]) ? i : rarest;
        }
        int next = rarest == 0 ? bytes.length - 1 : rarest - 1;
        if (rarest + 1 < bytes.length && rarity(bytes[rarest + 1]) > rarity(bytes[next])) {
            next = rarest + 1;
        }
        first = rarest;
        second = next;
        firstCases = caseless && isLetter(bytes[first]) ? CASES : 0;
        secondCases = caseless && isLetter(bytes[second]) ? CASES : 0;
        firsts = (bytes[first] & 0xffL) * ONES | firstCases;
        seconds = (bytes[second] & 0xffL) * ONES | secondCases;
    }

    /** The best literal of an expression, or null where none must be there. */
    static @Nullable Literal of(Node node) {
        Search search = new Search();
        boolean whole = search.take(node) && search.runs.isEmpty();
        search.cut();
        Literal best = null;
        for (Run run : search.runs) {
            Literal each = new Literal(run.bytes.toByteArray(), run.caseless, whole);
            if (best == null || each.worth() > best.worth()) {
                best = each;
            }
        }
        return best;
    }

    /** Whether the literal is all there is to the expression. */
    boolean isWhole() {
        return whole;
    }

    /** Whether letters outside ASCII may stand for one of these: the long s and the sign of the kelvin. */
    boolean isOfAsciiOnly() {
        if (caseless) {
            for (byte each : bytes) {
                if ((each | 0x20) == 'k' || (each | 0x20) == 's') {
                    return true;
                }
            }
        }
        return false;
    }

    /** Where it stands first, or -1. */
    int find(byte[] text, int from, int to) {
        int length = bytes.length;
        int last = to - length; // the last place it can begin at
        int at = from;
        // Both loads of eight must stay within the text; the few places behind are looked at one by one.
        int block = Math.min(last, to - 8 - Math.max(first, second)) - 7;
        while (at <= block) {
            long one = (long) LONGS.get(text, at + first) | firstCases;
            long other = (long) LONGS.get(text, at + second) | secondCases;
            long hits = (one ^ firsts) | (other ^ seconds);
            hits = ~(((hits & SEVENS) + SEVENS) | hits | SEVENS);
            while (hits != 0) {
                int place = at + (Long.numberOfTrailingZeros(hits) >>> 3);
                if (isAt(text, place)) {
                    return place;
                }
                hits &= hits - 1;
            }
            at += 8;
        }
        for (; at <= last; at++) {
            if (isAt(text, at)) {
                return at;
            }
        }
        return -1;
    }

    private boolean isAt(byte[] text, int place) {
        if (!caseless) {
            for (int i = 0; i < bytes.length; i++) {
                if (text[place + i] != bytes[i]) {
                    return false;
                }
            }
            return true;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (lower(text[place + i]) != bytes[i]) {
                return false;
            }
        }
        return true;
    }

    private int worth() {
        return rarity(bytes[first]) + rarity(bytes[second]) / 2 + 12 * Math.min(bytes.length, 6);
    }

    private static int rarity(byte value) {
        int at = COMMON.indexOf((char) (value & 0xff));
        return at < 0 ? COMMON.length() : at;
    }

    private static boolean isLetter(byte value) {
        int letter = value | 0x20;
        return letter >= 'a' && letter <= 'z';
    }

    private static byte lower(byte value) {
        return value >= 'A' && value <= 'Z' ? (byte) (value | 0x20) : value;
    }

    private record Run(ByteArrayOutputStream bytes, boolean caseless) {}

    /** Goes through what an expression cannot do without, and keeps the runs of single letters. */
    private static final class Search {
        private final List<Run> runs = new ArrayList<>();
        private @Nullable Run run;

        /** Takes a part in; false where the run does not say all of it. */
        boolean take(Node node) {
            switch (node) {
                case Node.Empty empty -> {
                    return true;
                }
                case Node.One one -> {
                    return take(one.runes());
                }
                case Node.All all -> {
                    boolean everything = true;
                    for (Node part : all.parts()) {
                        everything &= take(part);
                    }
                    return everything;
                }
                case Node.Repeat repeat -> {
                    for (int i = 0; i < Math.min(repeat.least(), 8); i++) {
                        take(repeat.part());
                    }
                    if (repeat.least() > 8 || repeat.most() != repeat.least()) {
                        cut();
                        return false;
                    }
                    return false;
                }
                case Node.Place place -> {
                    return false; // eats nothing, so the run goes on
                }
                case Node.Any any -> {
                    cut();
                    return false;
                }
            }
        }

        private boolean take(Runes runes) {
            int[] ranges = runes.ranges();
            if (runes.size(1) == 1) {
                boolean letter = ranges[0] < 128 && isLetter((byte) ranges[0]);
                append(Character.toString(ranges[0]), letter ? Boolean.FALSE : null);
                return true;
            }
            Runes ascii = runes.and(Runes.ASCII);
            if (ascii.size(2) == 2 && runes.size(4) <= 3) {
                int upper = ascii.ranges()[0];
                int lower = ascii.ranges()[ascii.ranges().length - 1];
                boolean pair = (upper | 0x20) == lower && lower >= 'a' && lower <= 'z';
                boolean known = runes.size(2) == 2 || lower == 'k' || lower == 's';
                if (pair && known) {
                    append(Character.toString(lower), Boolean.TRUE);
                    return true;
                }
            }
            cut();
            return false;
        }

        /** Adds to the run, or begins another where this one treats case otherwise; null for what has no case. */
        private void append(String letter, @Nullable Boolean caseless) {
            Run current = run;
            if (current == null || (caseless != null && current.caseless != caseless)) {
                cut();
                current = new Run(new ByteArrayOutputStream(), caseless != null && caseless);
                run = current;
            }
            current.bytes.writeBytes(letter.getBytes(StandardCharsets.UTF_8));
        }

        /** Ends the run. */
        void cut() {
            if (run != null) {
                runs.add(run);
                run = null;
            }
        }
    }
}
