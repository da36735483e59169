package dev.viber.tool.file;

import dev.viber.api.tool.ToolException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call's arguments by name and type; what the schema cannot say is checked here. */
record Arguments(Map<String, Object> values) {
    String text(String name) throws ToolException {
        if (values.get(name) instanceof String text) {
            return text;
        }
        throw wanted(name, "a text");
    }

    String text(String name, String otherwise) throws ToolException {
        return values.get(name) == null ? otherwise : text(name);
    }

    boolean flag(String name) throws ToolException {
        return switch (values.get(name)) {
            case null -> false;
            case Boolean flag -> flag;
            default -> throw wanted(name, "true or false");
        };
    }

    long whole(String name, long otherwise, long least) throws ToolException {
        Object value = values.get(name);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Number number
                && number.doubleValue() == Math.rint(number.doubleValue())
                && number.longValue() >= least) {
            return number.longValue();
        }
        throw wanted(name, "a whole number of at least " + least);
    }

    boolean has(String name) {
        return values.get(name) != null;
    }

    /** The bytes given as {@code text} or as {@code base64}. */
    byte[] content() throws ToolException {
        if (has("text") == has("base64")) {
            throw new ToolException("wanted either 'text' or 'base64', got " + (has("text") ? "both" : "neither"));
        }
        if (has("text")) {
            return text("text").getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Base64.getDecoder().decode(text("base64"));
        } catch (IllegalArgumentException e) {
            throw new ToolException("argument 'base64': wanted base64 (RFC 4648, no line breaks): " + e.getMessage());
        }
    }

    private ToolException wanted(String name, String what) {
        @Nullable Object got = values.get(name);
        return new ToolException("argument '%s': wanted %s, got %s"
                .formatted(name, what, got == null ? "nothing" : got.getClass().getSimpleName()));
    }
}
