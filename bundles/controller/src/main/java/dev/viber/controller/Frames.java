package dev.viber.controller;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.viber.api.store.JournalEvent;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Frames as text: composed from the journal's data without reading it, and parsed where they come in. */
final class Frames {
    private static final Logger LOG = LoggerFactory.getLogger(Frames.class);

    /** Records lose their null members; maps keep theirs. */
    static final JsonMapper JSON = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private static final JsonMapper CANONICAL = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private Frames() {}

    /** A frame down that cannot be understood; the message says why. */
    static final class MalformedFrame extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedFrame(String message) {
            super(message);
        }
    }

    /** The frame, which must be one JSON object. */
    static JsonNode parse(String text) throws MalformedFrame {
        JsonNode frame;
        try {
            frame = JSON.readTree(text);
        } catch (JacksonException e) {
            throw new MalformedFrame("not JSON: " + e.getOriginalMessage());
        }
        if (!frame.isObject()) {
            throw new MalformedFrame("wanted a JSON object");
        }
        return frame;
    }

    /** A member that must be text, and not empty. */
    static String text(JsonNode frame, String member) throws MalformedFrame {
        String value = frame.path(member).stringValue("");
        if (value.isEmpty()) {
            throw new MalformedFrame("wanted a text '%s'".formatted(member));
        }
        return value;
    }

    /** A JSON object as a map. */
    static Map<String, Object> object(String json) {
        return JSON.readValue(json, OBJECT);
    }

    /** A JSON object as a map. */
    static Map<String, Object> object(JsonNode node) {
        return JSON.convertValue(node, OBJECT);
    }

    /** The value as JSON text. */
    static String json(Object value) {
        return JSON.writeValueAsString(value);
    }

    /** The value as JSON text with members in order, without blanks. */
    static String canonical(Map<String, Object> value) {
        return CANONICAL.writeValueAsString(value);
    }

    /**
     * A task's event as the frame that carries it. What is larger than the gateway takes is told in its place, since a
     * frame that never gets through would hold back all behind it.
     */
    static String ofEvent(String taskId, int attempt, long vseq, JournalEvent event, int maxFrameBytes) {
        String frame = compose(taskId, attempt, vseq, event.kind(), event.data());
        if (fits(frame, maxFrameBytes)) {
            return frame;
        }
        String why = "%s of %,d bytes left out: the gateway takes frames of at most %,d bytes"
                .formatted(event.kind(), utf8Length(frame), maxFrameBytes);
        LOG.error("task {}, frame {}: {}", taskId, vseq, why);
        return switch (event.kind()) {
            case "completed", "error" -> compose(taskId, attempt, vseq, "error", json(Map.of("error", why)));
            default -> {
                Map<String, Object> log = new LinkedHashMap<>();
                log.put("kind", "log");
                log.put("level", "error");
                log.put("message", why);
                yield compose(taskId, attempt, vseq, "progress", json(Map.of("event", log)));
            }
        };
    }

    private static String compose(String taskId, int attempt, long vseq, String kind, String data) {
        String members = data.strip();
        StringBuilder frame = new StringBuilder(members.length() + 96)
                .append("{\"type\":")
                .append(json("task:" + kind))
                .append(",\"taskId\":")
                .append(json(taskId))
                .append(",\"attempt\":")
                .append(attempt)
                .append(",\"vseq\":")
                .append(vseq);
        String inner = members.substring(1, members.length() - 1).strip();
        if (!inner.isEmpty()) {
            frame.append(',').append(inner);
        }
        return frame.append('}').toString();
    }

    /** The acknowledgement of a command. */
    static String ackOf(long cmd) {
        return "{\"type\":\"ack\",\"cmd\":" + cmd + "}";
    }

    /** Whether the frame is at most this many bytes on the wire. */
    static boolean fits(String frame, int bytes) {
        return frame.length() <= bytes / 3 || utf8Length(frame) <= bytes;
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
