package dev.viber.library;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/** Frames as text. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private Json() {}

    static String write(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** The frame; a missing node where it is no JSON. */
    static JsonNode read(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (JacksonException e) {
            return MissingNode.getInstance();
        }
    }

    static Map<String, Object> object(JsonNode node) {
        return node.isObject() ? MAPPER.convertValue(node, OBJECT) : Map.of();
    }

    static String frame(String type, String taskId, int attempt, long vseq, Map<String, ?> members) {
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", type);
        frame.put("taskId", taskId);
        frame.put("attempt", attempt);
        frame.put("vseq", vseq);
        frame.putAll(members);
        return write(frame);
    }
}
