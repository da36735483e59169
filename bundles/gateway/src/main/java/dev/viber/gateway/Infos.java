package dev.viber.gateway;

import dev.viber.api.viber.ToolDescription;
import dev.viber.api.viber.ViberInfo;
import dev.viber.api.viber.ViberInfo.TaskPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What vibers say of themselves, read leniently: whatever is missing or odd has a default, nothing is refused. */
final class Infos {
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    private Infos() {}

    /** The {@code viber} of a {@code connected} frame; {@code id} where it names none. */
    static ViberInfo read(JsonNode viber, String id) {
        String named = text(viber, "id", text(viber, "viberId", id));
        return new ViberInfo(
                named == null ? id : named,
                orElse(text(viber, "name", null), named == null ? id : named),
                text(viber, "version", null),
                text(viber, "platform", null),
                text(viber, "arch", null),
                strings(viber.path("capabilities")),
                tools(viber.path("tools")),
                viber.path("capacity").isIntegralNumber()
                        ? viber.path("capacity").intValue()
                        : null,
                strings(viber.path("runningTasks")),
                strings(viber.path("features")),
                positions(viber.path("tasks")));
    }

    /** The info as JSON text, the form the store keeps. */
    static String write(ViberInfo info) {
        return MAPPER.writeValueAsString(info);
    }

    /** The info as the store kept it. */
    static ViberInfo read(String stored, String id) {
        return read(MAPPER.readTree(stored), id);
    }

    /** The features alone. */
    static Set<String> features(String stored) {
        return Set.copyOf(strings(MAPPER.readTree(stored).path("features")));
    }

    /** The tools of a {@code connected} or {@code heartbeat} frame. */
    static List<ToolDescription> tools(JsonNode tools) {
        List<ToolDescription> found = new ArrayList<>();
        for (JsonNode tool : tools) {
            String name = text(tool, "name", null);
            if (name != null) {
                JsonNode schema = tool.path("schema");
                found.add(new ToolDescription(
                        name, text(tool, "description", null), schema.isObject() ? object(schema) : null));
            }
        }
        return found;
    }

    /** The strings of an array; others in it are passed over. */
    static List<String> strings(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .distinct()
                .toList();
    }

    /** The strings of an array, from JSON text. */
    static List<String> strings(String json) {
        return strings(MAPPER.readTree(json));
    }

    /** An object as a map. */
    static Map<String, Object> object(JsonNode object) {
        return MAPPER.convertValue(object, OBJECT);
    }

    /** JSON text of an object as a map. */
    static Map<String, Object> object(String json) {
        return MAPPER.readValue(json, OBJECT);
    }

    /** Any JSON value as text. */
    static String json(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    private static List<TaskPosition> positions(JsonNode tasks) {
        List<TaskPosition> found = new ArrayList<>();
        for (JsonNode task : tasks) {
            String taskId = text(task, "taskId", null);
            if (taskId != null) {
                found.add(new TaskPosition(
                        taskId, task.path("attempt").asInt(0), task.path("vseq").asLong(0)));
            }
        }
        return found;
    }

    private static @Nullable String text(JsonNode object, String name, @Nullable String otherwise) {
        JsonNode value = object.path(name);
        return value.isString() && !value.stringValue().isBlank() ? value.stringValue() : otherwise;
    }

    private static String orElse(@Nullable String text, String otherwise) {
        return text == null ? otherwise : text;
    }
}
