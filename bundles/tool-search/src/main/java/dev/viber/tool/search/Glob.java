package dev.viber.tool.search;

import java.util.ArrayList;
import java.util.List;

/** A glob of an ignore file, as ripgrep reads it, turned into the plainest form that says the same. */
final class Glob {
    /** A glob that says nothing; the line it is on is passed over. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1L;

        Unreadable(String message) {
            super(message);
        }
    }

    private final String glob;
    private final StringBuilder regex = new StringBuilder();
    private int at;
    private int depth;

    private Glob(String glob) {
        this.glob = glob;
    }

    /** Whether all letters stand for themselves. */
    static boolean isPlain(String glob) {
        for (int i = 0; i < glob.length(); i++) {
            if ("*?[]{}\\".indexOf(glob.charAt(i)) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** The whole glob as a regular expression over a path with {@code /} between names. */
    static String regex(String glob) throws Unreadable {
        Glob parse = new Glob(glob);
        parse.run();
        if (parse.depth > 0) {
            throw new Unreadable("a { without its }");
        }
        return parse.regex.toString();
    }

    private void run() throws Unreadable {
        if (glob.equals("**")) {
            regex.append(".*");
            return;
        }
        if (glob.startsWith("**/")) {
            regex.append("(?:.*/)?");
            at = 3;
        }
        while (at < glob.length()) {
            char c = glob.charAt(at++);
            switch (c) {
                case '*' -> {
                    while (at < glob.length() && glob.charAt(at) == '*') {
                        at++;
                    }
                    regex.append("[^/]*");
                }
                case '?' -> regex.append("[^/]");
                case '[' -> set();
                case '/' -> slash();
                case '{' -> {
                    depth++;
                    regex.append("(?:");
                }
                case '}' -> {
                    if (depth-- == 0) {
                        throw new Unreadable("a } without its {");
                    }
                    regex.append(')');
                }
                case ',' -> regex.append(depth > 0 ? "|" : ",");
                case '\\' -> {
                    if (at == glob.length()) {
                        throw new Unreadable("a backslash at the end");
                    }
                    int letter = glob.codePointAt(at);
                    at += Character.charCount(letter);
                    literal(letter);
                }
                default -> {
                    int letter = glob.codePointAt(at - 1);
                    at += Character.charCount(letter) - 1;
                    literal(letter);
                }
            }
        }
    }

    private void slash() {
        if (glob.startsWith("**/", at)) {
            while (glob.startsWith("**/", at)) {
                at += 3;
            }
            regex.append("/(?:.*/)?");
        } else if (glob.startsWith("**", at) && at + 2 == glob.length()) {
            at += 2;
            regex.append("/.*");
        } else {
            regex.append('/');
        }
    }

    private void set() throws Unreadable {
        int from = at;
        boolean not = from < glob.length() && (glob.charAt(from) == '!' || glob.charAt(from) == '^');
        if (not) {
            from++;
        }
        int end = glob.indexOf(']', from + 1);
        if (end < 0) {
            throw new Unreadable("a [ without its ]");
        }
        List<Integer> letters = new ArrayList<>();
        glob.substring(from, end).codePoints().forEach(letters::add);
        regex.append(not ? "[^" : "[");
        for (int i = 0; i < letters.size(); i++) {
            int low = letters.get(i);
            int high = low;
            if (i + 2 < letters.size() && letters.get(i + 1) == '-') {
                high = letters.get(i + 2);
                i += 2;
            }
            if (high < low) {
                throw new Unreadable("a range that runs backwards");
            }
            regex.append("\\x{%x}-\\x{%x}".formatted(low, high));
        }
        regex.append(']');
        at = end + 1;
    }

    private void literal(int letter) {
        if (Character.isLetterOrDigit(letter)) {
            regex.appendCodePoint(letter);
        } else {
            regex.append("\\x{%x}".formatted(letter));
        }
    }
}
