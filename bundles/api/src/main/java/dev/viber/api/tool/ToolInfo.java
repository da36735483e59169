package dev.viber.api.tool;

/**
 * What others need to know of a tool to call it.
 *
 * @param name the bundle's capability word, a dot and a verb: {@code file.read}
 * @param description one or two sentences, for people and for models
 * @param schema the JSON Schema (2020-12) of the arguments, as JSON text
 */
public record ToolInfo(String name, String description, String schema) {
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
