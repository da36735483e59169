package dev.viber.controller;

import dev.viber.api.plugin.PluginHost;
import dev.viber.api.store.Tables.PluginRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Frames about plugins: orders down, kept for the host of plugins; how all of them are, up. */
final class PluginFrames {
    private static final String COUNT = "plugin-order-count";

    private PluginFrames() {}

    /** Whether frames of this type are for the host of plugins. */
    static boolean isOrder(String type) {
        return type.equals("plugin:offer") || type.equals("plugin:remove");
    }

    /** Keeps an order behind those before it; whether it makes sense is for the host to say. */
    static Orders.Effect keep(JsonNode frame) {
        String order = frame.toString();
        return tables -> {
            long number = tables.values().get(COUNT).map(Long::parseLong).orElse(0L) + 1;
            tables.values().put(COUNT, Long.toString(number));
            tables.values().put(PluginHost.ORDERS + String.format(Locale.ROOT, "%012d", number), order);
        };
    }

    /** All plugins there are, as they are. */
    static String state(List<PluginRow> rows) {
        List<Map<String, Object>> plugins = new ArrayList<>();
        for (PluginRow row : rows) {
            Map<String, Object> plugin = new LinkedHashMap<>();
            plugin.put("plugin", row.symbolicName());
            plugin.put("version", row.version());
            plugin.put("digest", row.digest());
            plugin.put("state", row.state());
            plugin.put("services", Frames.JSON.readTree(row.services()));
            plugin.put("offer", row.offer());
            if (row.former() != null) {
                plugin.put("formerVersion", Frames.object(row.former()).get("version"));
            }
            if (row.signature() != null) {
                plugin.put("signature", row.signature());
            }
            if (row.error() != null) {
                plugin.put("error", row.error());
            }
            plugins.add(plugin);
        }
        Map<String, Object> frame = new LinkedHashMap<>();
        frame.put("type", "plugin:state");
        frame.put("plugins", plugins);
        return Frames.json(frame);
    }
}
