package dev.viber.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One distribution as data, in the OSGi Feature JSON form (compendium chapter 159).
 *
 * <p>Two extensions of ours: {@code viber-ready}, the parts that must be ready before the feature counts as started, and
 * {@code viber-system-properties}, what libraries want to read from the JVM itself.
 *
 * @param id group:artifact:version of the feature
 * @param bundles in the order of starting
 * @param configurations by PID, or {@code factoryPid~name}
 * @param variables with their defaults; null where the one who starts it has to give a value
 * @param frameworkProperties handed to the framework
 * @param systemProperties set where the JVM has not got them
 * @param olderNames variables of the environment, each for what would stand behind {@code VIBER_} in its place
 * @param readyParts the parts waited for
 */
public record Feature(
        String id,
        List<Entry> bundles,
        Map<String, Map<String, Object>> configurations,
        Map<String, @Nullable String> variables,
        Map<String, String> frameworkProperties,
        Map<String, String> systemProperties,
        Map<String, List<String>> olderNames,
        List<String> readyParts) {
    static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_JAVA_COMMENTS).build();
    private static final int DEFAULT_START_ORDER = 10;
    private static final Set<String> KNOWN = Set.of(
            "feature-resource-version",
            "id",
            "name",
            "description",
            "docURL",
            "license",
            "vendor",
            "bundles",
            "configurations",
            "variables",
            "framework-properties",
            "extensions");

    /**
     * A bundle of a feature.
     *
     * @param id where its jar is
     * @param startOrder lower ones start first
     * @param hash SHA-256 of the jar as {@code sha256:} and 64 hexadecimal digits, or null where the feature is not sealed
     */
    public record Entry(
            Coordinates id, int startOrder, @Nullable String hash) {}

    /**
     * Reads a feature file; JavaScript's comments are let through.
     *
     * @throws LaunchException where it cannot be read or is no feature; the message names file and place
     */
    public static Feature read(Path file) throws LaunchException {
        JsonNode root = parse(file);
        for (String name : root.propertyNames()) {
            if (!KNOWN.contains(name)) {
                throw new LaunchException(file + ": '" + name + "' is not a part of a feature; there are " + KNOWN);
            }
        }
        try {
            List<Entry> bundles = new ArrayList<>();
            for (JsonNode bundle : root.path("bundles")) {
                JsonNode id = bundle.path("id");
                if (!id.isString()) {
                    throw new IllegalArgumentException(
                            "a bundle is written {\"id\": \"group:artifact:version\"}, not " + bundle);
                }
                bundles.add(new Entry(
                        Coordinates.parse(id.asString()),
                        bundle.path("start-order").asInt(DEFAULT_START_ORDER),
                        bundle.path("hash").asString(null)));
            }
            bundles.sort(Comparator.comparingInt(Entry::startOrder));
            JsonNode extensions = root.path("extensions");
            List<String> parts = new ArrayList<>();
            extensions.path("viber-ready").path("json").path("parts").forEach(part -> parts.add(part.asString()));
            return new Feature(
                    root.path("id").asString(""),
                    List.copyOf(bundles),
                    Configurations.of(root.path("configurations")),
                    variables(root.path("variables")),
                    strings(root.path("framework-properties")),
                    strings(extensions.path("viber-system-properties").path("json")),
                    lists(extensions.path("viber-environment").path("json")),
                    List.copyOf(parts));
        } catch (IllegalArgumentException e) {
            throw new LaunchException(file + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, List<String>> lists(JsonNode node) {
        Map<String, List<String>> lists = new TreeMap<>();
        for (String name : node.propertyNames()) {
            List<String> words = new ArrayList<>();
            node.path(name).forEach(word -> words.add(word.asString()));
            lists.put(name, List.copyOf(words));
        }
        return lists;
    }

    static JsonNode parse(Path file) throws LaunchException {
        try (var in = Files.newInputStream(file)) {
            JsonNode root = JSON.readTree(in);
            if (!root.isObject()) {
                throw new LaunchException(file + ": wanted a JSON object, found " + root.getNodeType());
            }
            return root;
        } catch (IOException e) {
            throw new LaunchException(file + " cannot be read: " + e.getMessage(), e);
        } catch (JacksonException e) {
            var place = e.getLocation();
            throw new LaunchException(
                    file + ", line " + place.getLineNr() + ", column " + place.getColumnNr() + ": "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    private static Map<String, String> strings(JsonNode node) {
        Map<String, String> out = new LinkedHashMap<>();
        node.properties().forEach(each -> out.put(each.getKey(), each.getValue().asString()));
        return out;
    }

    private static Map<String, @Nullable String> variables(JsonNode node) {
        Map<String, @Nullable String> out = new LinkedHashMap<>();
        node.properties()
                .forEach(each -> out.put(
                        each.getKey(),
                        each.getValue().isNull() ? null : each.getValue().asString()));
        return out;
    }
}
