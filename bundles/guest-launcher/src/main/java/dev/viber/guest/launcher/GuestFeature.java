package dev.viber.guest.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What the launcher of a guest reads of a feature file: bundles and framework properties.
 *
 * @param bundles in the order of starting
 * @param properties of the framework
 */
record GuestFeature(List<Bundle> bundles, Map<String, String> properties) {
    private static final int DEFAULT_START_ORDER = 10;

    /**
     * A bundle of a feature.
     *
     * @param jar its path below the folder of bundles
     * @param startOrder lower ones start first
     * @param hash {@code sha256:} and hexadecimal digits, or null where the feature is not sealed
     */
    record Bundle(Path jar, int startOrder, @Nullable String hash) {}

    /**
     * Reads it as a stream: half a millisecond, where binding it would load a library for it.
     *
     * @throws IOException where it cannot be read, or has configurations, which nothing in a guest would serve
     */
    static GuestFeature read(Path file) throws IOException {
        List<Bundle> bundles = new ArrayList<>();
        Map<String, String> properties = new LinkedHashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), Files.readString(file))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException(file + ": wanted a JSON object");
            }
            for (String name = parser.nextName(); name != null; name = parser.nextName()) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "bundles" -> {
                        while (parser.nextToken() == JsonToken.START_OBJECT) {
                            bundles.add(bundle(strings(parser)));
                        }
                    }
                    case "framework-properties" -> properties.putAll(strings(parser));
                    case "configurations" ->
                        throw new IOException(
                                file + ": a guest is configured by its environment, not by configurations");
                    default -> {
                        if (value.isStructStart()) {
                            parser.skipChildren();
                        }
                    }
                }
            }
        }
        if (bundles.isEmpty()) {
            throw new IOException(file + " names no bundles");
        }
        bundles.sort(Comparator.comparingInt(Bundle::startOrder));
        return new GuestFeature(List.copyOf(bundles), Map.copyOf(properties));
    }

    private static Bundle bundle(Map<String, String> members) throws IOException {
        String id = members.getOrDefault("id", "");
        String[] parts = id.split(":", -1);
        if (parts.length != 3) {
            throw new IOException("'" + id + "' is no group:artifact:version");
        }
        Path jar = Path.of(parts[0].replace('.', '/'), parts[1], parts[2], parts[1] + "-" + parts[2] + ".jar");
        String order = members.get("start-order");
        return new Bundle(jar, order == null ? DEFAULT_START_ORDER : Integer.parseInt(order), members.get("hash"));
    }

    private static Map<String, String> strings(JsonParser parser) {
        Map<String, String> out = new LinkedHashMap<>();
        for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            out.put(name, parser.getString());
        }
        return out;
    }
}
