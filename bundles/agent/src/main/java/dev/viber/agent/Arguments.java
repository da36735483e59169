package dev.viber.agent;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.viber.api.tool.ToolInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Fits arguments to a tool's schema and checks them by it; schemas are compiled at their first use. */
final class Arguments {
    private final Map<String, Compiled> compiled = new ConcurrentHashMap<>();
    private @Nullable SchemaRegistry registry;

    private record Compiled(JsonNode node, Schema schema) {}

    /**
     * The arguments with numbers and booleans made text where the schema wants text at top level.
     *
     * @throws IllegalArgumentException where they do not fit the schema, saying where
     */
    Map<String, Object> fit(ToolInfo tool, Map<String, Object> arguments) {
        Compiled wanted = compiled.computeIfAbsent(tool.schema(), this::compile);
        Map<String, Object> fitted = new LinkedHashMap<>(arguments);
        fitted.replaceAll((name, value) -> value instanceof Number || value instanceof Boolean
                ? text(wanted.node().path("properties").path(name).path("type"), value)
                : value);
        List<Error> errors = wanted.schema().validate(Json.toTree(fitted));
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException("arguments of %s: %s"
                    .formatted(
                            tool.name(),
                            errors.stream()
                                    .limit(5)
                                    .map(Arguments::finding)
                                    .distinct()
                                    .collect(Collectors.joining("; "))));
        }
        return fitted;
    }

    private static String finding(Error error) {
        String place = error.getInstanceLocation().toString();
        return (place.isEmpty() ? "" : place + ": ") + message(error);
    }

    private static String message(Error error) {
        if (!"oneOf".equals(error.getKeyword())) {
            return error.getMessage();
        }
        List<String> names = error.getSchemaNode()
                .valueStream()
                .flatMap(choice -> choice.path("required").valueStream())
                .map(JsonNode::asString)
                .toList();
        return names.isEmpty() ? error.getMessage() : "wanted exactly one of " + String.join(", ", names);
    }

    private static Object text(JsonNode type, Object value) {
        if (!type.asString("").equals("string")) {
            return value;
        }
        return value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15
                ? Long.toString(number.longValue())
                : value.toString();
    }

    private synchronized Compiled compile(String schema) {
        if (registry == null) {
            registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        }
        JsonNode node = Json.tree(schema);
        return new Compiled(node, registry.getSchema(node));
    }
}
