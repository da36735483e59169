package dev.viber.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON as scripts get it: one object per line. */
final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE).build();
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private Json() {}

    static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    static Map<String, Object> object(String text) {
        return MAPPER.readValue(text, OBJECT);
    }

    /** A value that was read, as the record it stands for. */
    static <T> T convert(@Nullable Object value, Class<T> type) {
        return MAPPER.convertValue(value, type);
    }

    static Map<String, Object> object(byte[] text) {
        return MAPPER.readValue(text, OBJECT);
    }
}
