package dev.viber.tool.search;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.viber.api.tool.ToolException;
import dev.viber.tool.search.Node.At;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a pattern in RE2 syntax. re2j says first whether it is one, so what comes here is known to be well formed.
 *
 * <p>Two things are ripgrep's and not RE2's: {@code \w \d \s \b} know all of Unicode, and nothing fits a line break, as
 * lines are looked at one by one; {@code ^ $ \A \z} are the ends of a line.
 */
final class Syntax {
    private static final Runes LINE_BREAK = Runes.of('\n');
    private static final Runes WORD = Runes.range('0', '9')
            .or(Runes.range('A', 'Z'))
            .or(Runes.range('a', 'z'))
            .or(Runes.of('_'));

    private final String pattern;
    private int at;
    private boolean caseless;

    private Syntax(String pattern, boolean caseless) {
        this.pattern = pattern;
        this.caseless = caseless;
    }

    /** Reads a pattern; says what is wrong with it. */
    static Node parse(String pattern, boolean caseless) throws ToolException {
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new ToolException(
                    "pattern '%s': %s; wanted a regular expression in RE2 syntax".formatted(pattern, e.getMessage()));
        }
        Syntax syntax = new Syntax(pattern, caseless);
        Node node = syntax.choices();
        if (syntax.at < pattern.length()) {
            throw syntax.fault("an unexpected " + pattern.charAt(syntax.at));
        }
        return node;
    }

    private ToolException fault(String what) {
        return new ToolException("pattern '%s': %s at position %d; wanted a regular expression in RE2 syntax"
                .formatted(pattern, what, at));
    }

    private Node choices() throws ToolException {
        List<Node> choices = new ArrayList<>();
        choices.add(sequence());
        while (at < pattern.length() && pattern.charAt(at) == '|') {
            at++;
            choices.add(sequence());
        }
        return choices.size() == 1 ? choices.getFirst() : new Node.Any(choices);
    }

    private Node sequence() throws ToolException {
        List<Node> parts = new ArrayList<>();
        while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
            if (pattern.startsWith("\\Q", at)) {
                int end = pattern.indexOf("\\E", at);
                String quoted = pattern.substring(at + 2, end < 0 ? pattern.length() : end);
                at = end < 0 ? pattern.length() : end + 2;
                for (int rune : quoted.codePoints().toArray()) {
                    parts.add(rune(rune));
                }
                if (!quoted.isEmpty()) {
                    parts.add(repeats(parts.removeLast()));
                }
            } else {
                parts.add(repeats(atom()));
            }
        }
        return parts.size() == 1 ? parts.getFirst() : parts.isEmpty() ? new Node.Empty() : new Node.All(parts);
    }

    private Node repeats(Node atom) throws ToolException {
        Node node = atom;
        while (at < pattern.length()) {
            int least;
            int most;
            switch (pattern.charAt(at)) {
                case '*' -> {
                    least = 0;
                    most = -1;
                    at++;
                }
                case '+' -> {
                    least = 1;
                    most = -1;
                    at++;
                }
                case '?' -> {
                    least = 0;
                    most = 1;
                    at++;
                }
                case '{' -> {
                    int end = pattern.indexOf('}', at);
                    String inside = end < 0 ? "" : pattern.substring(at + 1, end);
                    if (!inside.matches("[0-9]+(,[0-9]*)?")) {
                        return node; // a brace like any other letter
                    }
                    int comma = inside.indexOf(',');
                    least = Integer.parseInt(comma < 0 ? inside : inside.substring(0, comma));
                    String upper = comma < 0 ? inside : inside.substring(comma + 1);
                    most = upper.isEmpty() ? -1 : Integer.parseInt(upper);
                    at = end + 1;
                }
                default -> {
                    return node;
                }
            }
            if (at < pattern.length() && pattern.charAt(at) == '?') {
                at++;
            }
            node = new Node.Repeat(node, least, most);
        }
        return node;
    }

    private Node atom() throws ToolException {
        int rune = next();
        return switch (rune) {
            case '(' -> group();
            case '[' -> one(set());
            case '.' -> one(Runes.ALL);
            case '^' -> new Node.Place(At.LINE_START);
            case '$' -> new Node.Place(At.LINE_END);
            case '\\' -> escape();
            default -> rune(rune);
        };
    }

    private Node group() throws ToolException {
        boolean before = caseless;
        if (pattern.startsWith("?", at)) {
            if (pattern.startsWith("?P<", at) || pattern.startsWith("?<", at)) {
                at = pattern.indexOf('>', at) + 1;
            } else {
                at++;
                boolean on = true;
                for (int flag = next(); flag != ':'; flag = next()) {
                    switch (flag) {
                        case '-' -> on = false;
                        case 'i' -> caseless = on;
                        case ')' -> {
                            return new Node.Empty(); // holds to the end of the group around it
                        }
                        default -> {} // m, s and U change nothing within a line, nor where a match begins
                    }
                }
            }
        }
        Node inside = choices();
        if (at >= pattern.length()) {
            throw fault("a ( without its )");
        }
        at++;
        caseless = before;
        return inside;
    }

    private Node escape() throws ToolException {
        int letter = next();
        return switch (letter) {
            case 'b' -> new Node.Place(At.WORD_EDGE);
            case 'B' -> new Node.Place(At.NO_WORD_EDGE);
            case 'A' -> new Node.Place(At.LINE_START);
            case 'z' -> new Node.Place(At.LINE_END);
            case 'C' -> throw fault("\\C, a single byte, which is not offered,");
            case 'd', 'D', 'w', 'W', 's', 'S', 'p', 'P' -> one(folded(named(letter)));
            default -> rune(letter(letter));
        };
    }

    private Runes named(int letter) throws ToolException {
        Runes runes = switch (Character.toLowerCase(letter)) {
            case 'd' -> Runes.digit();
            case 'w' -> Runes.word();
            case 's' -> Runes.space();
            default -> property();
        };
        return Character.isUpperCase(letter) ? runes.not() : runes;
    }

    private Runes property() throws ToolException {
        int first = next();
        if (first != '{') {
            return Runes.property(Character.toString(first));
        }
        int end = pattern.indexOf('}', at);
        String name = pattern.substring(at, end);
        at = end + 1;
        return name.startsWith("^") ? Runes.property(name.substring(1)).not() : Runes.property(name);
    }

    private int letter(int letter) throws ToolException {
        return switch (letter) {
            case 'a' -> 7;
            case 'f' -> '\f';
            case 't' -> '\t';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 'v' -> 11;
            case 'x' -> hex();
            case '0', '1', '2', '3', '4', '5', '6', '7' -> octal(letter);
            default -> letter;
        };
    }

    private int hex() {
        int end = pattern.charAt(at) == '{' ? pattern.indexOf('}', at) : at + 2;
        int from = pattern.charAt(at) == '{' ? at + 1 : at;
        int rune = Integer.parseInt(pattern.substring(from, end), 16);
        at = pattern.charAt(at) == '{' ? end + 1 : end;
        return rune;
    }

    private int octal(int first) {
        int rune = first - '0';
        for (int more = 0; more < 2 && at < pattern.length() && "01234567".indexOf(pattern.charAt(at)) >= 0; more++) {
            rune = rune * 8 + pattern.charAt(at++) - '0';
        }
        return rune;
    }

    private Runes set() throws ToolException {
        boolean not = pattern.startsWith("^", at);
        at += not ? 1 : 0;
        Runes runes = Runes.NONE;
        for (boolean first = true; first || pattern.charAt(at) != ']'; first = false) {
            int posix = pattern.startsWith("[:", at) ? pattern.indexOf(":]", at) : -1;
            if (posix >= 0) {
                runes = runes.or(posix(pattern.substring(at + 2, posix)));
                at = posix + 2;
                continue;
            }
            int rune = next();
            if (rune == '\\' && "dDwWsSpP".indexOf(pattern.charAt(at)) >= 0) {
                runes = runes.or(named(next()));
                continue;
            }
            int low = rune == '\\' ? letter(next()) : rune;
            int high = low;
            if (pattern.startsWith("-", at) && !pattern.startsWith("-]", at)) {
                at++;
                int last = next();
                high = last == '\\' ? letter(next()) : last;
            }
            runes = runes.or(Runes.range(low, high));
        }
        at++;
        Runes whole = folded(runes);
        return not ? whole.not() : whole;
    }

    private Runes posix(String name) throws ToolException {
        boolean not = name.startsWith("^");
        Runes runes = switch (not ? name.substring(1) : name) {
            case "alnum" -> WORD.without(Runes.of('_'));
            case "alpha" -> WORD.without(Runes.of('_').or(Runes.range('0', '9')));
            case "ascii" -> Runes.ASCII;
            case "blank" -> Runes.of('\t').or(Runes.of(' '));
            case "cntrl" -> Runes.range(0, 31).or(Runes.of(127));
            case "digit" -> Runes.range('0', '9');
            case "graph" -> Runes.range('!', '~');
            case "lower" -> Runes.range('a', 'z');
            case "print" -> Runes.range(' ', '~');
            case "punct" -> Runes.range('!', '~').without(WORD.without(Runes.of('_')));
            case "space" -> Runes.range(9, 13).or(Runes.of(' '));
            case "upper" -> Runes.range('A', 'Z');
            case "word" -> WORD;
            case "xdigit" -> Runes.range('0', '9').or(Runes.range('a', 'f')).or(Runes.range('A', 'F'));
            default -> throw fault("an unknown class [:" + name + ":]");
        };
        return not ? runes.not() : runes;
    }

    private Node rune(int rune) throws ToolException {
        if (rune == '\n') {
            throw new ToolException("pattern '%s': a line break cannot be found; lines are looked at one by one"
                    .formatted(pattern.replace("\n", "\\n")));
        }
        return new Node.One(folded(Runes.of(rune)));
    }

    private Runes folded(Runes runes) {
        return caseless ? runes.folded() : runes;
    }

    private static Node one(Runes runes) {
        return new Node.One(runes.without(LINE_BREAK));
    }

    private int next() throws ToolException {
        if (at >= pattern.length()) {
            throw fault("an unexpected end");
        }
        int rune = pattern.codePointAt(at);
        at += Character.charCount(rune);
        return rune;
    }
}
