package dev.viber.playbook;

import dev.viber.api.task.PlaybookCheck.Finding;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The inputs of a playbook: what was given, checked against what is declared, defaults filled in.
 *
 * <p>A text given for a number, boolean, list or map is read as JSON, since a command line can give nothing but texts.
 */
final class InputValues {
    private static final String POINTER = "/inputs";
    /** What else is declared is told as such, and nothing is wanted by it. */
    private static final Set<String> TYPES = Set.of("string", "number", "integer", "boolean", "array", "object");

    private static final int SHOWN = 40;

    private final JsonMapper json;
    private final Places places;
    private final List<Finding> findings;
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    InputValues(JsonMapper json, Places places, List<Finding> findings) {
        this.json = json;
        this.places = places;
        this.findings = findings;
    }

    /** The value of each declared input, in the order declared; one that is optional and not given is null. */
    Map<String, @Nullable Object> read(Map<?, ?> declared, Map<String, ?> given) {
        declared.forEach((key, value) -> {
            String name = String.valueOf(key);
            if (value instanceof Map<?, ?> declaration
                    && declaration.get("type") instanceof String type
                    && TYPES.contains(type)) {
                values.put(name, value(name, type, declaration, given));
            }
        });
        for (String name : new TreeSet<>(given.keySet())) {
            if (!declared.containsKey(name)) {
                String known = declared.isEmpty()
                        ? "the playbook has none"
                        : "there are: "
                                + String.join(
                                        ", ",
                                        declared.keySet().stream()
                                                .map(String::valueOf)
                                                .toList());
                findings.add(new Finding(
                        0, 0, Places.child(POINTER, name), "there is no input '%s'; %s".formatted(name, known)));
            }
        }
        return values;
    }

    private @Nullable Object value(String name, String type, Map<?, ?> declaration, Map<String, ?> given) {
        String pointer = Places.child(POINTER, name);
        @Nullable Object standard = declaration.get("default");
        if (declaration.containsKey("default") && standard != null && !fits(type, standard)) {
            findings.add(places.at(
                    Places.child(pointer, "default"), "the default of '%s' is not of type %s".formatted(name, type)));
        }
        @Nullable Object value = given.get(name);
        boolean required = declaration.get("required") instanceof Boolean flag
                ? flag && !declaration.containsKey("default")
                : !declaration.containsKey("default");
        if (value == null) {
            if (given.containsKey(name) && required) {
                findings.add(places.at(pointer, "the input '%s' is null; %s is wanted".formatted(name, type)));
            } else if (required) {
                findings.add(places.at(pointer, "the input '%s' is missing; %s is wanted".formatted(name, type)));
            }
            return standard == null ? null : typed(type, standard).orElse(standard);
        }
        Optional<Object> typed = typed(type, value);
        if (typed.isEmpty()) {
            findings.add(places.at(
                    pointer, "the input '%s' is %s; %s is wanted".formatted(name, described(value, type), type)));
        }
        return typed.orElse(null);
    }

    /** The value as its type has it; empty where it does not fit. */
    private Optional<Object> typed(String type, Object value) {
        Optional<Object> read =
                value instanceof String text && !type.equals("string") ? read(text) : Optional.of(value);
        return read.filter(v -> fits(type, v))
                .map(v -> type.equals("integer") && v instanceof Number number ? (Object) number.longValue() : v);
    }

    private Optional<Object> read(String text) {
        try {
            return Optional.ofNullable(json.readValue(text, Object.class));
        } catch (JacksonException _) {
            // Not JSON, so it is a text and nothing else; the caller says what was wanted.
            return Optional.empty();
        }
    }

    private static boolean fits(String type, Object value) {
        return switch (type) {
            case "string" -> value instanceof String;
            case "number" -> value instanceof Number;
            case "integer" ->
                value instanceof Long
                        || value instanceof Integer
                        || (value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1L << 53);
            case "boolean" -> value instanceof Boolean;
            case "array" -> value instanceof List<?>;
            case "object" -> value instanceof Map<?, ?>;
            default -> true;
        };
    }

    private static String described(Object value, String type) {
        return switch (value) {
            case String text ->
                "the text '%s', which is no %s"
                        .formatted(text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text, type);
            case Number _ -> "a number";
            case Boolean _ -> "a boolean";
            case List<?> _ -> "a list";
            case Map<?, ?> _ -> "a map";
            default -> "of a kind JSON does not know";
        };
    }
}
