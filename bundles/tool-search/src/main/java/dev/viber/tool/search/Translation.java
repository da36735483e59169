package dev.viber.tool.search;

import com.google.re2j.Pattern;
import dev.viber.tool.search.Node.At;

/**
 * The expression handed back to re2j, once for lines of ASCII only and once for the others.
 *
 * <p>For the others three noncharacters stand in the text, which no set of the pattern fits: {@link #BROKEN} for each
 * byte that is not UTF-8, and before every rune and at the end as many {@link #EDGE} or {@link #NO_EDGE} as the pattern
 * has places of words, so that an edge of a word in any script is a rune that can be asked for; re2j itself knows the
 * edges of English words only.
 */
record Translation(Pattern ascii, Pattern unicode, int marks) {
    static final int BROKEN = 0xfdd0;
    static final int EDGE = 0xfdd1;
    static final int NO_EDGE = 0xfdd2;

    private static final Runes REAL = Runes.range(BROKEN, NO_EDGE).not();

    static Translation of(Node node) {
        int marks = places(node);
        StringBuilder ascii = new StringBuilder();
        write(node, ascii, false, 0);
        StringBuilder unicode = new StringBuilder();
        write(node, unicode, true, marks);
        return new Translation(Pattern.compile(ascii.toString()), Pattern.compile(unicode.toString()), marks);
    }

    /** How many places of words the expression has, at most 8: more can hardly meet in one spot. */
    private static int places(Node node) {
        return Math.min(
                8,
                switch (node) {
                    case Node.Place place -> place.at() == At.WORD_EDGE || place.at() == At.NO_WORD_EDGE ? 1 : 0;
                    case Node.All all ->
                        all.parts().stream().mapToInt(Translation::places).sum();
                    case Node.Any any ->
                        any.choices().stream().mapToInt(Translation::places).sum();
                    case Node.Repeat repeat -> places(repeat.part()) == 0 ? 0 : 8;
                    case Node.Empty empty -> 0;
                    case Node.One one -> 0;
                });
    }

    private static void write(Node node, StringBuilder out, boolean unicode, int marks) {
        switch (node) {
            case Node.Empty empty -> out.append("(?:)");
            case Node.One one -> {
                if (marks > 0) {
                    out.append("[\\x{%x}\\x{%x}]*".formatted(EDGE, NO_EDGE));
                }
                set(one.runes().and(unicode ? REAL : Runes.ASCII), out);
            }
            case Node.All all -> all.parts().forEach(part -> group(part, out, unicode, marks));
            case Node.Any any -> {
                String between = "(?:";
                for (Node choice : any.choices()) {
                    out.append(between);
                    write(choice, out, unicode, marks);
                    between = "|";
                }
                out.append(')');
            }
            case Node.Repeat repeat -> {
                group(repeat.part(), out, unicode, marks);
                out.append(
                        repeat.most() < 0
                                ? "{%d,}".formatted(repeat.least())
                                : "{%d,%d}".formatted(repeat.least(), repeat.most()));
            }
            case Node.Place place ->
                out.append(
                        switch (place.at()) {
                            case LINE_START -> "\\A";
                            case LINE_END -> marks > 0 ? "[\\x{%x}\\x{%x}]*\\z".formatted(EDGE, NO_EDGE) : "\\z";
                            case WORD_EDGE -> marks > 0 ? "\\x{%x}".formatted(EDGE) : "\\b";
                            case NO_WORD_EDGE -> marks > 0 ? "\\x{%x}".formatted(NO_EDGE) : "\\B";
                        });
        }
    }

    private static void group(Node node, StringBuilder out, boolean unicode, int marks) {
        out.append("(?:");
        write(node, out, unicode, marks);
        out.append(')');
    }

    private static void set(Runes runes, StringBuilder out) {
        if (runes.isEmpty()) {
            out.append("[^\\x{0}-\\x{10ffff}]");
            return;
        }
        out.append('[');
        int[] ranges = runes.ranges();
        for (int i = 0; i < ranges.length; i += 2) {
            out.append("\\x{%x}-\\x{%x}".formatted(ranges[i], ranges[i + 1]));
        }
        out.append(']');
    }
}
