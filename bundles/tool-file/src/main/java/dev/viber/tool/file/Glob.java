package dev.viber.tool.file;

import dev.viber.api.tool.ToolException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern over relative paths: {@code *} and {@code ?} within a name, {@code **} over any number of folders, none
 * included, {@code [a-z]}, <code>{a,b}</code>, and a backslash before what is meant as itself.
 *
 * <p>The platform's own matcher is not used: it cannot hold names that the process's locale has no letters for.
 */
record Glob(Pattern pattern, boolean hidden) {
    /** Reads a pattern. */
    static Glob of(String text) throws ToolException {
        if (text.isBlank() || text.startsWith("/")) {
            throw new ToolException("pattern '%s': wanted one relative to root, such as **/*.java".formatted(text));
        }
        try {
            boolean hidden = text.startsWith(".") || text.contains("/.");
            return new Glob(Pattern.compile(regex(text), Pattern.DOTALL), hidden);
        } catch (PatternSyntaxException e) {
            throw new ToolException("pattern '%s': %s; wanted a glob such as **/*.java or src/{a,b}/[a-z]*.txt"
                    .formatted(text, e.getDescription()));
        }
    }

    boolean matches(String path) {
        return pattern.matcher(path).matches();
    }

    private static String regex(String glob) {
        StringBuilder regex = new StringBuilder();
        int depth = 0;
        int at = 0;
        while (at < glob.length()) {
            char c = glob.charAt(at++);
            switch (c) {
                case '*' -> {
                    if (!glob.startsWith("*", at)) {
                        regex.append("[^/]*");
                    } else if (glob.startsWith("*/", at)) {
                        regex.append("(?:.*/)?");
                        at += 2;
                    } else {
                        regex.append(".*");
                        at++;
                    }
                }
                case '?' -> regex.append("[^/]");
                case '[' -> at = set(glob, at, regex);
                case '{' -> {
                    depth++;
                    regex.append("(?:");
                }
                case '}' -> {
                    if (depth-- == 0) {
                        throw new PatternSyntaxException("a } without its {", glob, at);
                    }
                    regex.append(')');
                }
                case ',' -> regex.append(depth > 0 ? "|" : ",");
                case '\\' -> {
                    if (at == glob.length()) {
                        throw new PatternSyntaxException("a backslash at the end", glob, at);
                    }
                    regex.append(Pattern.quote(String.valueOf(glob.charAt(at++))));
                }
                default -> literal(regex, c);
            }
        }
        if (depth > 0) {
            throw new PatternSyntaxException("a { without its }", glob, at);
        }
        return regex.toString();
    }

    private static int set(String glob, int start, StringBuilder regex) {
        int end = glob.indexOf(']', start + 1);
        if (end < 0) {
            throw new PatternSyntaxException("a [ without its ]", glob, start);
        }
        String inside = glob.substring(start, end);
        boolean not = inside.startsWith("!") || inside.startsWith("^");
        String letters = not ? inside.substring(1) : inside;
        regex.append("(?!/)[").append(not ? "^" : "");
        regex.append(letters.replaceAll("([\\[\\]\\\\&^])", "\\\\$1")).append(']');
        return end + 1;
    }

    private static void literal(StringBuilder regex, char c) {
        if (Character.isLetterOrDigit(c) || c > 127) {
            regex.append(c);
        } else {
            regex.append('\\').append(c);
        }
    }
}
