package dev.viber.playbook;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A text cut into literal parts and the expressions between {@code ${{} and {@code }}}. */
record Template(List<Part> parts) {
    static final String OPEN = "${{";
    private static final int MAX_NESTING = 32;

    /** A part of a template. */
    sealed interface Part {}

    /** Text that stands for itself. */
    record Literal(String text) implements Part {}

    /**
     * An expression.
     *
     * @param calls the names in front of an opening parenthesis
     */
    record Code(String source, Set<String> calls) implements Part {}

    static boolean isIn(String text) {
        return text.contains(OPEN);
    }

    /**
     * Cuts a text.
     *
     * @param maxExpression characters of one expression
     * @throws ExpressionException where an expression is not closed, is empty, or is too large
     */
    static Template parse(String text, int maxExpression) {
        List<Part> parts = new ArrayList<>();
        int from = 0;
        for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, from)) {
            if (open > from) {
                parts.add(new Literal(text.substring(from, open)));
            }
            int start = open + OPEN.length();
            Scan scan = new Scan(text, start);
            int end = scan.end();
            String source = scan.source(start, end);
            if (source.isEmpty()) {
                throw new ExpressionException("there is no expression between '${{' and '}}'");
            }
            if (source.length() > maxExpression) {
                throw new ExpressionException("the expression has %d characters; at most %d are allowed"
                        .formatted(source.length(), maxExpression));
            }
            parts.add(new Code(source, scan.calls));
            from = end + 2;
        }
        if (from < text.length()) {
            parts.add(new Literal(text.substring(from)));
        }
        return new Template(parts);
    }

    /** Whether it is one expression and nothing else, so that its value keeps its type. */
    boolean isWhole() {
        return parts.size() == 1 && parts.getFirst() instanceof Code;
    }

    List<Code> expressions() {
        return parts.stream()
                .filter(Code.class::isInstance)
                .map(Code.class::cast)
                .toList();
    }

    /** Finds the end of an expression: quotes hide what is in them, brackets nest. */
    private static final class Scan {
        final Set<String> calls = new TreeSet<>();
        private final String text;
        private int at;
        private int nesting;
        private final List<Integer> breaks = new ArrayList<>();

        Scan(String text, int start) {
            this.text = text;
            this.at = start;
        }

        int end() {
            int start = at;
            for (; at < text.length(); at++) {
                switch (text.charAt(at)) {
                    case '\'', '"' -> skipQuoted();
                    case '`' ->
                        throw new ExpressionException("backticks are not taken in expressions; use ' or \" for texts");
                    case '(' -> {
                        call(start);
                        nest();
                    }
                    case '[', '{' -> nest();
                    case ')', ']' -> nesting--;
                    case '}' -> {
                        if (nesting <= 0 && text.startsWith("}}", at)) {
                            return at;
                        }
                        nesting--;
                    }
                    default -> {}
                }
            }
            throw new ExpressionException("'${{' is not closed by '}}'");
        }

        /** The expression, where line breaks that YAML put into quoted texts are written as JEXL wants them. */
        String source(int start, int end) {
            StringBuilder source = new StringBuilder(text).delete(end, text.length());
            for (int place : breaks.reversed()) {
                source.replace(place, place + 1, text.charAt(place) == '\n' ? "\\n" : "\\r");
            }
            return source.substring(start).strip();
        }

        private void nest() {
            if (++nesting > MAX_NESTING) {
                throw new ExpressionException("brackets are nested deeper than " + MAX_NESTING);
            }
        }

        private void skipQuoted() {
            char quote = text.charAt(at);
            for (at++; at < text.length() && text.charAt(at) != quote; at++) {
                switch (text.charAt(at)) {
                    case '\\' -> at++;
                    case '\n', '\r' -> breaks.add(at);
                    default -> {}
                }
            }
        }

        private void call(int start) {
            int end = at;
            while (end > start && text.charAt(end - 1) == ' ') {
                end--;
            }
            int from = end;
            while (from > start && Character.isJavaIdentifierPart(text.charAt(from - 1))) {
                from--;
            }
            if (from < end && (from == start || text.charAt(from - 1) != '.')) {
                calls.add(text.substring(from, end));
            }
        }
    }
}
