package dev.viber.launcher;

import java.lang.reflect.Array;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Configurations as the OSGi Configurator writes them in JSON: by PID or {@code factoryPid~name}, keys with an optional
 * {@code :Type}; keys that begin with {@code :} are remarks for tools and left alone.
 */
final class Configurations {
    private static final Map<String, Function<JsonNode, Object>> TYPES = Map.of(
            "String", JsonNode::asString,
            "Integer", JsonNode::asInt,
            "int", JsonNode::asInt,
            "Long", JsonNode::asLong,
            "long", JsonNode::asLong,
            "Double", JsonNode::asDouble,
            "double", JsonNode::asDouble,
            "Float", node -> (float) node.asDouble(),
            "Boolean", JsonNode::asBoolean,
            "boolean", JsonNode::asBoolean);

    private Configurations() {}

    /** The configurations of a feature or of a file under {@code conf/}, in the order written. */
    static Map<String, Map<String, Object>> of(JsonNode root) {
        Map<String, Map<String, Object>> out = new LinkedHashMap<>();
        root.properties().forEach(each -> {
            if (!each.getKey().startsWith(":")) {
                out.put(each.getKey(), properties(each.getKey(), each.getValue()));
            }
        });
        return out;
    }

    /**
     * Lays one file over what there is: its properties win, those it does not name stay.
     *
     * @throws LaunchException where the file cannot be read
     */
    static void overlay(Map<String, Map<String, Object>> onto, Path file) throws LaunchException {
        try {
            of(Feature.parse(file))
                    .forEach((pid, more) ->
                            onto.computeIfAbsent(pid, _ -> new TreeMap<>()).putAll(more));
        } catch (IllegalArgumentException e) {
            throw new LaunchException(file + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> properties(String pid, JsonNode node) {
        if (!node.isObject()) {
            throw new IllegalArgumentException("configuration " + pid + " is written as an object, not as " + node);
        }
        Map<String, Object> out = new TreeMap<>();
        node.properties().forEach(each -> {
            String key = each.getKey();
            if (key.startsWith(":") || each.getValue().isNull()) {
                return;
            }
            int colon = key.indexOf(':');
            String name = colon < 0 ? key : key.substring(0, colon);
            out.put(name, value(pid + "/" + name, each.getValue(), colon < 0 ? null : key.substring(colon + 1)));
        });
        return out;
    }

    private static Object value(String where, JsonNode node, @Nullable String type) {
        if (node.isArray()) {
            String element = type != null && type.endsWith("[]") ? type.substring(0, type.length() - 2) : null;
            Object[] values = new Object[node.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(where, node.get(i), element);
            }
            Class<?> shared = values.length == 0 ? String.class : values[0].getClass();
            Object array = Array.newInstance(shared, values.length);
            for (int i = 0; i < values.length; i++) {
                if (!shared.isInstance(values[i])) {
                    throw new IllegalArgumentException(where + " mixes values of different types");
                }
                Array.set(array, i, values[i]);
            }
            return array;
        }
        if (type != null) {
            Function<JsonNode, Object> reader = TYPES.get(type);
            if (reader == null) {
                throw new IllegalArgumentException(where + " has the type '" + type + "'; known are " + TYPES.keySet());
            }
            // A variable stands where a number will: it stays text, which the component's own type converts.
            return node.isString() ? node.asString() : reader.apply(node);
        }
        if (node.isBoolean()) {
            return node.asBoolean();
        }
        if (node.isIntegralNumber()) {
            return node.asLong();
        }
        if (node.isNumber()) {
            return node.asDouble();
        }
        return node.isString() ? node.asString() : node.toString();
    }
}
