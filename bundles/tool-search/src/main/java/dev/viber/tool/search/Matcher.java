package dev.viber.tool.search;

import dev.viber.api.tool.ToolException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds the lines that fit, the cheapest way that is sure: by a literal, by the automaton, at last by re2j; used by one
 * thread.
 */
final class Matcher {
    private final @Nullable Literal literal;
    private final @Nullable Automaton automaton;
    private final Translation translation;
    private final Marked marked;
    private int start;
    private int end;
    private int hit;

    private Matcher(@Nullable Literal literal, @Nullable Automaton automaton, Translation translation) {
        this.literal = literal;
        this.automaton = automaton;
        this.translation = translation;
        this.marked = new Marked(translation.marks());
    }

    static Matcher of(String pattern, boolean caseless) throws ToolException {
        Node node = Syntax.parse(pattern, caseless);
        return new Matcher(Literal.of(node), Automaton.of(node), Translation.of(node));
    }

    /** The same for another thread. */
    Matcher again() {
        return new Matcher(literal, automaton == null ? null : automaton.again(), translation);
    }

    /**
     * Finds the first line that fits; {@link #start}, {@link #end} and {@link #column} tell which.
     *
     * @param from the beginning of a line
     * @param to behind the end of a line
     */
    boolean find(byte[] text, int from, int to) {
        Literal wanted = literal;
        if (wanted != null && (!wanted.isOfAsciiOnly() || Lines.isAscii(text, from, to))) {
            return findLiteral(wanted, text, from, to);
        }
        int at = from;
        while (at < to) {
            int found = automaton == null ? Automaton.ASK - at : automaton.find(text, at, to);
            if (found == -1) {
                return false;
            }
            lineAround(text, at, found >= 0 ? found : Automaton.ASK - found, to);
            if (found >= 0 || fitsSlowly(text)) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    private boolean findLiteral(Literal wanted, byte[] text, int from, int to) {
        int at = from;
        while (at < to) {
            int found = wanted.find(text, at, to);
            if (found < 0) {
                return false;
            }
            lineAround(text, at, found, to);
            if (wanted.isWhole()) {
                hit = found;
                return true;
            }
            int fits = automaton == null ? Automaton.ASK : automaton.find(text, start, Math.min(end + 1, to));
            if (fits >= 0 || (fits <= Automaton.ASK && fitsSlowly(text))) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }

    private void lineAround(byte[] text, int from, int at, int to) {
        start = Lines.start(text, from, at);
        end = Lines.end(text, at, to);
        hit = -1;
    }

    /** Where the line begins. */
    int start() {
        return start;
    }

    /** Where the line ends; its line break is there, unless the text ends first. */
    int end() {
        return end;
    }

    /** How many bytes into the line the first match begins. */
    int column(byte[] text) {
        if (hit < 0) {
            hit = start + Math.max(slowly(text), 0);
        }
        return hit - start;
    }

    private boolean fitsSlowly(byte[] text) {
        int column = slowly(text);
        hit = start + column;
        return column >= 0;
    }

    private int slowly(byte[] text) {
        if (Lines.isAscii(text, start, end)) {
            String line = new String(text, start, end - start, StandardCharsets.ISO_8859_1);
            com.google.re2j.Matcher matcher = translation.ascii().matcher(line);
            return matcher.find() ? matcher.start() : -1;
        }
        com.google.re2j.Matcher matcher = translation.unicode().matcher(marked.read(text, start, end));
        return matcher.find() ? marked.origin(matcher.start()) : -1;
    }
}
