package dev.viber.guest.chrome;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Flat objects of JSON, written and looked into: all that this bundle needs. */
final class Json {
    private Json() {}

    /** An object of texts, numbers, truth values, nulls and maps of these. */
    static String object(Map<String, ?> members) {
        return members.entrySet().stream()
                .map(each -> quoted(each.getKey()) + ":" + value(each.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    /** The text of the first member of that name; null where there is none. */
    static @Nullable String text(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + Pattern.quote(name) + "\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"")
                .matcher(json);
        return matcher.find() ? matcher.group(1).replaceAll("\\\\(.)", "$1") : null;
    }

    private static String value(@Nullable Object value) {
        return switch (value) {
            case Number number -> number.toString();
            case Boolean truth -> truth.toString();
            case Map<?, ?> map -> {
                @SuppressWarnings("unchecked")
                Map<String, ?> members = (Map<String, ?>) map;
                yield object(members);
            }
            case null -> "null";
            default -> quoted(value.toString());
        };
    }

    private static String quoted(String text) {
        StringBuilder out = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }
}
