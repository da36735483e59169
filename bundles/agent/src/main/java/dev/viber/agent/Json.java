package dev.viber.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.task.StreamEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** JSON as the journal and the wire have it. */
final class Json {
    /** The most a step's arguments, its result or a plan's outputs may take, in bytes of UTF-8. */
    static final int MAX_VALUE_BYTES = 1 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addMixIn(StreamEvent.class, Kinds.class)
            .enable(DeserializationFeature.USE_LONG_FOR_INTS)
            .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .changeDefaultPropertyInclusion(had -> had.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();
    private static final JsonMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = StreamEvent.PlanMade.class, name = "plan"),
        @JsonSubTypes.Type(value = StreamEvent.StepChanged.class, name = "step"),
        @JsonSubTypes.Type(value = StreamEvent.Resumed.class, name = "resumed"),
        @JsonSubTypes.Type(value = StreamEvent.Text.class, name = "text"),
        @JsonSubTypes.Type(value = StreamEvent.Reasoning.class, name = "reasoning"),
        @JsonSubTypes.Type(value = StreamEvent.ToolCalled.class, name = "tool-call"),
        @JsonSubTypes.Type(value = StreamEvent.ToolOutput.class, name = "tool-output"),
        @JsonSubTypes.Type(value = StreamEvent.ToolAnswered.class, name = "tool-result"),
        @JsonSubTypes.Type(value = StreamEvent.ArtifactMade.class, name = "artifact"),
        @JsonSubTypes.Type(value = StreamEvent.Usage.class, name = "usage"),
        @JsonSubTypes.Type(value = StreamEvent.Log.class, name = "log")
    })
    private interface Kinds {}

    private Json() {}

    static String write(@Nullable Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** The same text for the same members, in whatever order they come. */
    static String canonical(Map<?, ?> value) {
        return CANONICAL.writeValueAsString(value);
    }

    static JsonNode tree(String text) {
        return MAPPER.readTree(text);
    }

    static JsonNode toTree(Object value) {
        return MAPPER.valueToTree(value);
    }

    static <T> T read(String text, Class<T> type) {
        return MAPPER.readValue(text, type);
    }

    static <T> T read(JsonNode node, Class<T> type) {
        return MAPPER.treeToValue(node, type);
    }

    static Map<String, Object> object(String text) {
        return MAPPER.readValue(text, OBJECT);
    }

    /** A {@code progress} entry for the journal. */
    static JournalEvent progress(StreamEvent event) {
        return entry("progress", "{\"event\":" + write(event) + "}");
    }

    /** An entry for the journal, made now. */
    static JournalEvent entry(String kind, String data) {
        return new JournalEvent(kind, System.currentTimeMillis(), data);
    }
}
