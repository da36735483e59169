package dev.viber.tool.browser;

import dev.viber.api.tool.ToolException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A call's arguments by name and type; the schema has been seen to. */
record Arguments(Map<String, Object> values) {
    /** The arguments that name an element, as a JSON Schema has them. */
    static final String ELEMENT = """
            "ref":{"type":"string","description":"the element's reference in what browser.read gave, as e12-k3fa"},
            "selector":{"type":"string","minLength":1,"description":"instead of ref: CSS, text=words or xpath=..."},
            "frame":{"type":"string","description":"with selector: the frame it is in, by name, address or selector"}""";

    boolean has(String name) {
        return values.get(name) != null;
    }

    /** A text; empty where it is not there. */
    String text(String name) {
        return values.get(name) instanceof String text ? text : "";
    }

    @Nullable
    String textOrNull(String name) {
        return values.get(name) instanceof String text ? text : null;
    }

    boolean truth(String name) {
        return Boolean.TRUE.equals(values.get(name));
    }

    long number(String name, long otherwise) {
        return values.get(name) instanceof Number number ? number.longValue() : otherwise;
    }

    /** Texts, also where one stands alone. */
    List<String> texts(String name) {
        return switch (values.get(name)) {
            case List<?> list -> list.stream().map(String::valueOf).toList();
            case String one -> List.of(one);
            case null, default -> List.of();
        };
    }

    /**
     * The members by which the agent finds the element that is meant.
     *
     * @throws ToolException where none is named, or it is named twice
     */
    Map<String, Object> element() throws ToolException {
        if (has("ref") == has("selector")) {
            throw new ToolException("wanted either 'ref' or 'selector', got " + (has("ref") ? "both" : "neither"));
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("selector", has("ref") ? "ref=" + text("ref") : text("selector"));
        if (has("frame")) {
            out.put("frame", text("frame"));
        }
        return out;
    }

    boolean namesElement() {
        return has("ref") || has("selector");
    }

    /**
     * An address that tasks may open.
     *
     * @throws ToolException where it is of another scheme: a page of the browser's own, or a file of its machine
     */
    String address() throws ToolException {
        String url = text("url");
        if (!url.matches("(?i)(https?://|data:|about:blank$).*")) {
            throw new ToolException(
                    "'%s' is not opened: wanted an address that begins with http:// or https://".formatted(url));
        }
        return url;
    }
}
