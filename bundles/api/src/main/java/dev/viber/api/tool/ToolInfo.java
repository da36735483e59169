package dev.viber.api.tool;

/**
 * What others need to know of a tool to call it.
 *
 * @param name the bundle's capability word, a dot and a verb: {@code file.read}
 * @param description one or two sentences, for people and for models
 * @param schema the JSON Schema (2020-12) of the arguments, as JSON text
 * @param touches what it touches beyond its arguments, which is what it gets
 */
public record ToolInfo(String name, String description, String schema, Touches touches) {
    /** A tool that touches nothing beyond its arguments. */
    public ToolInfo(String name, String description, String schema) {
        this(name, description, schema, Touches.NOTHING);
    }

    /** Checks the name. */
    public ToolInfo {
        if (!name.matches("[a-z][a-z0-9_-]*(\\.[a-z][a-zA-Z0-9_-]*)+")) {
            throw new IllegalArgumentException(
                    "tool name '%s': wanted a capability word, a dot and a verb, such as file.read".formatted(name));
        }
    }

    /** The capability this tool belongs to: the part of its name before the first dot. */
    public String capability() {
        return name.substring(0, name.indexOf('.'));
    }
}
