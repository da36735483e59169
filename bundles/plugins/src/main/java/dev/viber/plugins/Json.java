package dev.viber.plugins;

import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON as it stands in rows and orders. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final TypeReference<List<String>> STRINGS = new TypeReference<>() {};

    private Json() {}

    static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    static <T> T read(String text, Class<T> type) {
        return MAPPER.readValue(text, type);
    }

    static JsonNode tree(String text) {
        return MAPPER.readTree(text);
    }

    static List<String> strings(String text) {
        return MAPPER.readValue(text, STRINGS);
    }

    /** Whether the text is one JSON object. */
    static boolean isObject(String text) {
        try {
            return MAPPER.readTree(text).isObject();
        } catch (JacksonException e) {
            return false;
        }
    }
}
