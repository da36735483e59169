package dev.viber.tool.search;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntPredicate;

/** A set of code points, as ranges in order. */
final class Runes {
    static final Runes NONE = new Runes(new int[0]);
    static final Runes ALL = range(0, Character.MAX_CODE_POINT);
    static final Runes ASCII = range(0, 127);

    private static final Map<String, Runes> KNOWN = new ConcurrentHashMap<>();

    private final int[] ranges;

    private Runes(int[] ranges) {
        this.ranges = ranges;
    }

    /** First and last of each range, ascending, apart from each other; not to be changed. */
    int[] ranges() {
        return ranges;
    }

    static Runes of(int rune) {
        return range(rune, rune);
    }

    static Runes range(int first, int last) {
        return new Runes(new int[] {first, last});
    }

    /** Letters, marks, digits and connectors of all scripts: what a word is made of. */
    static Runes word() {
        return known("word", rune -> {
            int type = Character.getType(rune);
            return Character.isAlphabetic(rune)
                    || type == Character.NON_SPACING_MARK
                    || type == Character.COMBINING_SPACING_MARK
                    || type == Character.ENCLOSING_MARK
                    || type == Character.DECIMAL_DIGIT_NUMBER
                    || type == Character.CONNECTOR_PUNCTUATION
                    || rune == 0x200c
                    || rune == 0x200d;
        });
    }

    static Runes digit() {
        return known("digit", rune -> Character.getType(rune) == Character.DECIMAL_DIGIT_NUMBER);
    }

    static Runes space() {
        return known(
                "space",
                rune -> (rune >= 9 && rune <= 13)
                        || rune == 0x85
                        || (Character.isSpaceChar(rune) && rune != 0x200b && rune != 0x180e));
    }

    /** A general category ({@code L}, {@code Lu}) or a script ({@code Greek}), by the name re2j knows it by. */
    static Runes property(String name) {
        if (name.equals("Any")) {
            return ALL;
        }
        if (name.length() <= 2) {
            return known(
                    "type " + name, rune -> category(Character.getType(rune)).startsWith(name));
        }
        Character.UnicodeScript script = Character.UnicodeScript.forName(name.toUpperCase(Locale.ROOT));
        return known("script " + name, rune -> Character.UnicodeScript.of(rune) == script);
    }

    private static String category(int type) {
        String names = "CnLuLlLtLmLoMnMeMcNdNlNoZsZlZpCcCf__CoCsPdPsPePcPoSmScSkSoPiPf";
        return names.substring(type * 2, type * 2 + 2);
    }

    private static Runes known(String name, IntPredicate member) {
        return KNOWN.computeIfAbsent(name, key -> where(member));
    }

    private static Runes where(IntPredicate member) {
        int[] out = new int[64];
        int size = 0;
        int rune = 0;
        while (rune <= Character.MAX_CODE_POINT) {
            int first = rune;
            while (rune <= Character.MAX_CODE_POINT && member.test(rune)) {
                rune++;
            }
            if (rune > first) {
                out = size == out.length ? Arrays.copyOf(out, size * 2) : out;
                out[size++] = first;
                out[size++] = rune - 1;
            }
            rune++;
        }
        return new Runes(Arrays.copyOf(out, size));
    }

    boolean isEmpty() {
        return ranges.length == 0;
    }

    boolean has(int rune) {
        for (int i = 0; i < ranges.length && ranges[i] <= rune; i += 2) {
            if (rune <= ranges[i + 1]) {
                return true;
            }
        }
        return false;
    }

    Runes or(Runes other) {
        int[] all = Arrays.copyOf(ranges, ranges.length + other.ranges.length);
        System.arraycopy(other.ranges, 0, all, ranges.length, other.ranges.length);
        TreeMap<Integer, Integer> sorted = new TreeMap<>();
        for (int i = 0; i < all.length; i += 2) {
            sorted.merge(all[i], all[i + 1], Math::max);
        }
        int[] out = new int[all.length];
        int size = 0;
        for (Map.Entry<Integer, Integer> each : sorted.entrySet()) {
            if (size > 0 && each.getKey() <= out[size - 1] + 1) {
                out[size - 1] = Math.max(out[size - 1], each.getValue());
            } else {
                out[size++] = each.getKey();
                out[size++] = each.getValue();
            }
        }
        return new Runes(Arrays.copyOf(out, size));
    }

    Runes not() {
        int[] out = new int[ranges.length + 2];
        int size = 0;
        int next = 0;
        for (int i = 0; i < ranges.length; i += 2) {
            if (ranges[i] > next) {
                out[size++] = next;
                out[size++] = ranges[i] - 1;
            }
            next = ranges[i + 1] + 1;
        }
        if (next <= Character.MAX_CODE_POINT) {
            out[size++] = next;
            out[size++] = Character.MAX_CODE_POINT;
        }
        return new Runes(Arrays.copyOf(out, size));
    }

    Runes and(Runes other) {
        return not().or(other.not()).not();
    }

    Runes without(Runes other) {
        return and(other.not());
    }

    /** The set with every rune that differs from one of its members only in case. */
    Runes folded() {
        Runes out = this;
        Map<Integer, int[]> orbits = Orbits.BY_RUNE;
        for (int i = 0; i < ranges.length; i += 2) {
            if (ranges[i + 1] - ranges[i] > 0x20000) {
                return ALL.equals(this) ? this : out.or(foldedSlowly());
            }
            for (int rune = ranges[i]; rune <= ranges[i + 1]; rune++) {
                int[] orbit = orbits.get(rune);
                for (int j = 0; orbit != null && j < orbit.length; j++) {
                    if (!out.has(orbit[j])) {
                        out = out.or(of(orbit[j]));
                    }
                }
            }
        }
        return out;
    }

    private Runes foldedSlowly() {
        Runes out = this;
        for (int[] orbit : Orbits.BY_RUNE.values()) {
            for (int rune : orbit) {
                if (has(rune)) {
                    for (int each : orbit) {
                        out = out.has(each) ? out : out.or(of(each));
                    }
                }
            }
        }
        return out;
    }

    /** How many runes there are, no more counted than one above {@code most}. */
    int size(int most) {
        long size = 0;
        for (int i = 0; i < ranges.length && size <= most; i += 2) {
            size += ranges[i + 1] - ranges[i] + 1L;
        }
        return (int) Math.min(size, most + 1L);
    }

    /** Made when the first caseless pattern comes: the runes that are one but for their case. */
    private static final class Orbits {
        static final Map<Integer, int[]> BY_RUNE = make();

        private static Map<Integer, int[]> make() {
            Map<Integer, int[]> byKey = new TreeMap<>();
            for (int rune = 0; rune <= 0x1ffff; rune++) {
                if (rune == 0x130 || rune == 0x131) {
                    continue; // the Turkish i is a letter of its own
                }
                int key = Character.toLowerCase(Character.toUpperCase(rune));
                if (key != rune || Character.toUpperCase(rune) != rune) {
                    int fold = key;
                    byKey.merge(fold, new int[] {rune}, Runes::joined);
                }
            }
            Map<Integer, int[]> byRune = new java.util.HashMap<>();
            byKey.values().forEach(orbit -> {
                for (int rune : orbit) {
                    byRune.put(rune, orbit);
                }
            });
            return byRune;
        }
    }

    private static int[] joined(int[] some, int[] more) {
        int[] all = Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Runes runes && Arrays.equals(ranges, runes.ranges);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ranges);
    }

    @Override
    public String toString() {
        return "Runes" + Arrays.toString(ranges);
    }
}
