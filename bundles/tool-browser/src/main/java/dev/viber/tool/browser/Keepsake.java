package dev.viber.tool.browser;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * What a browser has become: enough for another one to go on.
 *
 * @param url of the page that is open
 * @param profile cookies of all sites, and the storage of that page, as the agent takes them
 * @param kind of the service it was had from; null in a profile that was saved by name
 * @param since when that session began, which tells it from a later one of the same id
 */
record Keepsake(
        String url,
        Map<String, Object> profile,
        @Nullable String kind,
        @Nullable String since) {
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

    static Keepsake read(String text) {
        Map<String, Object> all = AgentClient.JSON.readValue(text, OBJECT);
        Map<String, Object> profile = new LinkedHashMap<>();
        if (all.get("profile") instanceof Map<?, ?> members) {
            members.forEach((name, value) -> profile.put(String.valueOf(name), value));
        }
        return new Keepsake(
                String.valueOf(all.getOrDefault("url", "")),
                profile,
                all.get("kind") instanceof String kind ? kind : null,
                all.get("since") instanceof String since ? since : null);
    }

    String write() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("url", url);
        all.put("profile", profile);
        if (kind != null) {
            all.put("kind", kind);
        }
        if (since != null) {
            all.put("since", since);
        }
        return AgentClient.JSON.writeValueAsString(all);
    }

    /** How many cookies there are. */
    int cookies() {
        return profile.get("cookies") instanceof List<?> list ? list.size() : 0;
    }

    boolean hasPage() {
        return url.startsWith("http://") || url.startsWith("https://");
    }

    boolean hasStorage() {
        return hasPage() && (isFilled("local_storage") || isFilled("session_storage"));
    }

    /** Without the storage, which only the page whose it is takes. */
    Map<String, Object> cookiesOnly() {
        return Map.of("cookies", profile.getOrDefault("cookies", List.of()));
    }

    Map<String, Object> storageOnly() {
        Map<String, Object> out = new LinkedHashMap<>(profile);
        out.remove("cookies");
        return out;
    }

    private boolean isFilled(String name) {
        return profile.get(name) instanceof Map<?, ?> map && !map.isEmpty();
    }
}
