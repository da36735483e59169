package dev.viber.browser.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call: its path, the members that it takes, and what it does.
 *
 * <pre>{@code
 * Route.post("/v1/browser/navigate", "url:text! wait_until:text", call -> ...)
 * }</pre>
 */
final class Route {
    /** Of every call. */
    private static final String COMMON = " tab:text timeout_ms:int";

    private final String method;
    private final String[] path;
    private final Map<String, Field> fields;
    private final Action action;

    /** What a call does; the answer's members, or a {@link java.nio.file.Path} whose bytes are the answer. */
    @FunctionalInterface
    interface Action {
        Object run(Call call);
    }

    /** Types of members. */
    enum Type {
        TEXT("a text"),
        INT("a whole number"),
        NUMBER("a number"),
        BOOL("true or false"),
        LIST("a list"),
        MAP("an object of texts");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        private boolean fits(Object value) {
            return switch (this) {
                case TEXT -> value instanceof String;
                case INT -> value instanceof Long;
                case NUMBER -> value instanceof Number;
                case BOOL -> value instanceof Boolean;
                case LIST -> value instanceof List<?>;
                case MAP ->
                    value instanceof Map<?, ?> map && map.values().stream().allMatch(String.class::isInstance);
            };
        }

        /** The value of a query's text. */
        private Object read(String name, String text) {
            try {
                return switch (this) {
                    case INT -> Long.parseLong(text);
                    case NUMBER -> Double.parseDouble(text);
                    case BOOL -> Boolean.parseBoolean(text);
                    default -> text;
                };
            } catch (NumberFormatException e) {
                throw Failure.malformed("'" + name + "' is '" + text + "', wanted " + words);
            }
        }
    }

    private record Field(Type type, boolean required) {}

    private Route(String method, String path, String fields, Action action) {
        this.method = method;
        this.path = path.split("/", -1);
        this.fields = fields(fields + COMMON);
        this.action = action;
    }

    static Route post(String path, String fields, Action action) {
        return new Route("POST", path, fields, action);
    }

    /** Its members come from the query. */
    static Route get(String path, String fields, Action action) {
        return new Route("GET", path, fields, action);
    }

    /** Its members come from the query. */
    static Route delete(String path, String fields, Action action) {
        return new Route("DELETE", path, fields, action);
    }

    /** The same under another path. */
    Route at(String other) {
        return new Route(method, other, "", action, fields);
    }

    private Route(String method, String path, String none, Action action, Map<String, Field> fields) {
        this.method = method;
        this.path = (path + none).split("/", -1);
        this.fields = fields;
        this.action = action;
    }

    String method() {
        return method;
    }

    String path() {
        return String.join("/", path);
    }

    /** The names of the members, for the documents. */
    List<String> members() {
        return List.copyOf(fields.keySet());
    }

    Action action() {
        return action;
    }

    /** What stands in the path in the place of {@code {name}}s; null where the path is another. */
    @Nullable
    Map<String, String> match(String wanted) {
        String[] parts = wanted.split("/", -1);
        if (parts.length != path.length) {
            return null;
        }
        Map<String, String> out = new LinkedHashMap<>();
        for (int i = 0; i < parts.length; i++) {
            if (path[i].startsWith("{")) {
                out.put(path[i].substring(1, path[i].length() - 1), parts[i]);
            } else if (!path[i].equals(parts[i])) {
                return null;
            }
        }
        return out;
    }

    /** The members of a body, checked. */
    Map<String, Object> checkBody(@Nullable Object body) {
        if (body == null) {
            return Map.of();
        }
        if (!(body instanceof Map<?, ?> members)) {
            throw Failure.malformed("wanted a JSON object as body");
        }
        Map<String, Object> out = new LinkedHashMap<>();
        members.forEach((key, value) -> {
            String name = String.valueOf(key);
            Field field = field(name);
            if (value == null) {
                return; // as if it were not there
            }
            if (!field.type().fits(value)) {
                throw Failure.malformed("'" + name + "' is " + Json.write(value) + ", wanted " + field.type().words);
            }
            out.put(name, value);
        });
        return out;
    }

    /** The members of a query, checked and read. */
    Map<String, Object> checkQuery(Map<String, String> query) {
        Map<String, Object> out = new LinkedHashMap<>();
        query.forEach((name, text) -> out.put(name, field(name).type().read(name, text)));
        return out;
    }

    /** Fails where a required one is missing. */
    Map<String, Object> complete(Map<String, Object> members) {
        List<String> missing = new ArrayList<>();
        fields.forEach((name, field) -> {
            Object value = members.get(name);
            if (field.required() && (value == null || value.equals(""))) {
                missing.add(name);
            }
        });
        if (!missing.isEmpty()) {
            throw Failure.malformed(String.join(", ", missing) + " missing; the call takes " + members());
        }
        return members;
    }

    private Field field(String name) {
        Field field = fields.get(name);
        if (field == null) {
            throw Failure.malformed("unknown member '" + name + "'; the call takes " + members());
        }
        return field;
    }

    private static Map<String, Field> fields(String text) {
        Map<String, Field> out = new LinkedHashMap<>();
        for (String each : text.strip().split("\\s+", -1)) {
            String[] parts = each.split(":", 2);
            boolean required = parts[1].endsWith("!");
            String type = required ? parts[1].substring(0, parts[1].length() - 1) : parts[1];
            out.put(parts[0], new Field(Type.valueOf(type.toUpperCase(java.util.Locale.ROOT)), required));
        }
        return out;
    }
}
