package dev.viber.playbook;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The functions expressions may call; public because JEXL looks for public methods, and for nothing else here. */
public final class Functions {
    /** The functions made here. */
    static final Set<String> OWN = Set.of("json", "upper", "lower", "trim", "join", "split", "keys");

    /** Those and JEXL's own. */
    static final Set<String> NAMES =
            Stream.concat(OWN.stream(), Stream.of("size", "empty")).collect(Collectors.toUnmodifiableSet());

    private final JsonMapper json;
    private final int maxCharacters;

    Functions(JsonMapper json, int maxCharacters) {
        this.json = json;
        this.maxCharacters = maxCharacters;
    }

    /** The value as JSON text. */
    public String json(@Nullable Object value) {
        return JsonValues.json(JsonValues.of(value, new Bounds(maxCharacters)), json, maxCharacters);
    }

    /** The text in upper case. */
    public String upper(@Nullable Object value) {
        return text(value).toUpperCase(Locale.ROOT);
    }

    /** The text in lower case. */
    public String lower(@Nullable Object value) {
        return text(value).toLowerCase(Locale.ROOT);
    }

    /** The text without white space at its ends. */
    public String trim(@Nullable Object value) {
        return text(value).strip();
    }

    /** The items of a list as one text, with the separator between them. */
    public String join(@Nullable Object items, @Nullable Object separator) {
        Bounds.Text joined = new Bounds.Text(maxCharacters);
        String between = text(separator);
        boolean first = true;
        for (Object item : list(items)) {
            if (!first) {
                joined.write(between);
            }
            joined.write(text(item));
            first = false;
        }
        return joined.toString();
    }

    /** The parts of a text between the separators, empty ones included. */
    public List<String> split(@Nullable Object value, @Nullable Object separator) {
        String text = text(value);
        String between = text(separator);
        if (between.isEmpty()) {
            throw new ExpressionException("split(text, separator): the separator is empty");
        }
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(between); at >= 0; at = text.indexOf(between, from)) {
            parts.add(text.substring(from, at));
            from = at + between.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** The keys of a map. */
    public List<String> keys(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.keySet().stream().map(String::valueOf).toList();
        }
        throw new ExpressionException("keys(map): a map is wanted");
    }

    private String text(@Nullable Object value) {
        return JsonValues.text(JsonValues.of(value, new Bounds(maxCharacters)), json, maxCharacters);
    }

    private static Iterable<?> list(@Nullable Object value) {
        return switch (value) {
            case Iterable<?> items -> items;
            case Object[] items -> Arrays.asList(items);
            case Object array
            when array.getClass().isArray() -> {
                List<Object> items = new ArrayList<>();
                for (int i = 0; i < Array.getLength(array); i++) {
                    items.add(Array.get(array, i));
                }
                yield items;
            }
            case null, default -> throw new ExpressionException("join(list, separator): a list is wanted");
        };
    }
}
