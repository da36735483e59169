package dev.viber.tool.browser;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The accessibility tree as lines: {@code - button "Log in" [ref=e12-k3fa]}, what lies within it further in. */
final class Outline {
    private static final Set<String> PASSED_OVER =
            Set.of("none", "generic", "InlineTextBox", "LineBreak", "RootWebArea");
    private static final List<String> SHOWN = List.of(
            "value",
            "checked",
            "pressed",
            "selected",
            "expanded",
            "disabled",
            "required",
            "invalid",
            "readonly",
            "level",
            "url");

    private final StringBuilder out = new StringBuilder();
    private final int most;
    private boolean cut;

    /** An outline of at most so many characters. */
    Outline(int most) {
        this.most = most;
    }

    /** Appends a tree, below a line of its own where that is not empty. */
    Outline add(String heading, Object tree) {
        int depth = 0;
        if (!heading.isEmpty()) {
            line(0, heading);
            depth = 1;
        }
        node(tree, depth, "");
        return this;
    }

    boolean isCut() {
        return cut;
    }

    @Override
    public String toString() {
        return out.toString();
    }

    private void node(Object value, int depth, String around) {
        if (cut || !(value instanceof Map<?, ?> node)) {
            return;
        }
        String role = text(node, "role");
        String name = text(node, "name").strip();
        if (role.equals("StaticText")) {
            // What an element is called is most often its text, which needs no telling twice.
            if (!name.isEmpty() && !name.equals(around)) {
                line(depth, "text: " + name);
            }
            return;
        }
        if (!PASSED_OVER.contains(role)) {
            StringBuilder line = new StringBuilder(role);
            if (!name.isEmpty()) {
                line.append(" \"").append(name.replace("\"", "\\\"")).append('"');
            }
            for (String each : SHOWN) {
                Object shown = node.get(each);
                if (shown != null && !"false".equals(shown)) {
                    line.append(
                            Boolean.TRUE.equals(shown) || "true".equals(shown)
                                    ? " " + each
                                    : " %s=%s".formatted(each, shown));
                }
            }
            if (node.get("ref") != null) {
                line.append(" [ref=").append(node.get("ref")).append(']');
            }
            line(depth, line.toString());
        }
        String within = PASSED_OVER.contains(role) ? around : name;
        children(node).forEach(each -> node(each, depth + (PASSED_OVER.contains(role) ? 0 : 1), within));
    }

    private void line(int depth, String text) {
        int length = 2 * depth + 3 + text.length();
        if (cut || out.length() + length > most) {
            cut = true;
            return;
        }
        out.append("  ".repeat(depth))
                .append("- ")
                .append(text.replace('\n', ' '))
                .append('\n');
    }

    private static Stream<?> children(Map<?, ?> node) {
        return node.get("children") instanceof List<?> list ? list.stream() : Stream.empty();
    }

    private static String text(Map<?, ?> node, String name) {
        return node.get(name) instanceof String text ? text : "";
    }
}
