package dev.viber.api.viber;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A tool as a viber announces it: {@code {"name":"file.read","description":"...","schema":{...}}}. */
public record ToolDescription(
        String name, @Nullable String description, @Nullable Map<String, Object> schema) {}
