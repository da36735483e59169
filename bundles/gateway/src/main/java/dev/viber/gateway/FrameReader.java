package dev.viber.gateway;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads frames without building trees: the few members the gateway decides by are parsed, the others are cut out of the
 * text as they stand. This is the hottest code of the gateway.
 */
final class FrameReader {
    /** A frame that is no JSON object with a {@code type}. */
    static final class MalformedFrameException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedFrameException(String message) {
            super(message);
        }
    }

    private static final JsonMapper MAPPER = new JsonMapper();

    private FrameReader() {}

    /**
     * Reads one frame.
     *
     * @throws CharacterCodingException where the bytes are not UTF-8
     */
    static Frame read(byte[] text) throws MalformedFrameException, CharacterCodingException {
        requireObject(text);
        String type = null;
        String taskId = null;
        long vseq = 0;
        int attempt = 0;
        long cmd = 0;
        StringBuilder data = new StringBuilder(text.length);
        try (JsonParser json = MAPPER.createParser(text)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new MalformedFrameException("a frame is a JSON object");
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case "type" -> type = string(name, value, json);
                    case "taskId" -> taskId = string(name, value, json);
                    case "vseq" -> vseq = number(name, value, json);
                    case "attempt" -> attempt = (int) number(name, value, json);
                    case "cmd" -> cmd = number(name, value, json);
                    case "traceparent" -> json.skipChildren();
                    default -> splice(text, json, name, data);
                }
            }
            if (json.nextToken() != null) {
                throw new MalformedFrameException("there is more behind the frame's object");
            }
        } catch (JacksonException e) {
            requireUtf8(text);
            throw new MalformedFrameException("not JSON: " + e.getOriginalMessage());
        }
        if (type == null) {
            throw new MalformedFrameException("the frame has no member 'type'");
        }
        return new Frame(
                type,
                taskId,
                vseq,
                attempt,
                cmd,
                data.isEmpty() ? "{}" : oneLine(text, data.append('}').toString()));
    }

    // Whatever begins otherwise Jackson might take for another encoding.
    private static void requireObject(byte[] text) throws MalformedFrameException, CharacterCodingException {
        for (int i = 0; i < Math.min(4, text.length); i++) {
            if (text[i] == 0 || text[0] < 0) {
                requireUtf8(text);
                throw new MalformedFrameException("a frame is a JSON object");
            }
        }
    }

    // Decoding puts U+FFFD where there is no UTF-8; only then is it worth looking whether the sender had put it.
    private static String oneLine(byte[] text, String data) throws MalformedFrameException, CharacterCodingException {
        if (data.indexOf('\uFFFD') >= 0) {
            requireUtf8(text);
        }
        // A line feed outside of strings is white space someone printed nicely; event streams are framed by lines.
        return data.indexOf('\n') >= 0 || data.indexOf('\r') >= 0 ? compact(data) : data;
    }

    private static void requireUtf8(byte[] text) throws CharacterCodingException {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(text));
    }

    private static void splice(byte[] text, JsonParser json, String name, StringBuilder data) {
        int from = (int) json.currentTokenLocation().getByteOffset();
        json.skipChildren();
        json.finishToken();
        int to = (int) json.currentLocation().getByteOffset();
        data.append(data.isEmpty() ? '{' : ',');
        appendString(data, name);
        data.append(':').append(new String(text, from, to - from, StandardCharsets.UTF_8));
    }

    private static @Nullable String string(String name, JsonToken value, JsonParser json)
            throws MalformedFrameException {
        return switch (value) {
            case VALUE_STRING -> json.getString();
            case VALUE_NULL -> null;
            default -> throw new MalformedFrameException("the member '%s' is not a string".formatted(name));
        };
    }

    private static long number(String name, JsonToken value, JsonParser json) throws MalformedFrameException {
        if (value != JsonToken.VALUE_NUMBER_INT) {
            throw new MalformedFrameException("the member '%s' is not a whole number".formatted(name));
        }
        return json.getLongValue();
    }

    private static String compact(String text) throws MalformedFrameException {
        try {
            return MAPPER.writeValueAsString(tree(text));
        } catch (JacksonException e) {
            throw new MalformedFrameException("not JSON: " + e.getOriginalMessage());
        }
    }

    /** The whole text as a tree, for the rare frames that are looked into. */
    static JsonNode tree(String text) {
        return MAPPER.readTree(text);
    }

    /** Appends a text as a JSON string. */
    static void appendString(StringBuilder out, String text) {
        out.append('"')
                .append(tools.jackson.core.io.JsonStringEncoder.getInstance().quoteAsCharArray(text))
                .append('"');
    }
}
