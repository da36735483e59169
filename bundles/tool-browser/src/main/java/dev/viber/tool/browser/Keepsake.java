package dev.viber.tool.browser;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * What a browser has become: enough for another one to go on.
 *
 * @param url of the page that is open
 * @param origin whose the storage is
 * @param profile cookies of all sites, and the storage of that page, as the agent takes them
 * @param kind of the service it was had from; null in a profile that was saved by name
 * @param since when that session began, which tells it from a later one of the same id
 * @param chrome which Chrome it was; empty where that is not known
 */
record Keepsake(
        String url,
        String origin,
        Map<String, Object> profile,
        @Nullable String kind,
        @Nullable String since,
        String chrome) {
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final Pattern ADDRESS = Pattern.compile("(https?://)(?:[^/?#]*@)?([^/?#]+).*", Pattern.DOTALL);

    /** Of a browser that has been nowhere yet. */
    static Keepsake nothing(String kind) {
        return new Keepsake("", "", Map.of(), kind, null, "");
    }

    static Keepsake read(String text) {
        Map<String, Object> all = AgentClient.JSON.readValue(text, OBJECT);
        Map<String, Object> profile = new LinkedHashMap<>();
        if (all.get("profile") instanceof Map<?, ?> members) {
            members.forEach((name, value) -> profile.put(String.valueOf(name), value));
        }
        String url = String.valueOf(all.getOrDefault("url", ""));
        return new Keepsake(
                url,
                // What earlier versions wrote has none.
                all.get("origin") instanceof String origin ? origin : originOf(url),
                profile,
                all.get("kind") instanceof String kind ? kind : null,
                all.get("since") instanceof String since ? since : null,
                all.get("chrome") instanceof String chrome ? chrome : "");
    }

    String write() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("url", url);
        all.put("origin", origin);
        all.put("profile", profile);
        if (kind != null) {
            all.put("kind", kind);
        }
        if (since != null) {
            all.put("since", since);
            all.put("chrome", chrome);
        }
        return AgentClient.JSON.writeValueAsString(all);
    }

    /** Of an address as a browser writes it; empty where it is of no site. */
    static String originOf(String url) {
        Matcher parts = ADDRESS.matcher(url);
        return parts.matches() ? parts.group(1) + parts.group(2) : "";
    }

    /** The same, of this session and Chrome. */
    Keepsake of(@Nullable String otherKind, @Nullable String otherSince, String otherChrome) {
        return new Keepsake(url, origin, profile, otherKind, otherSince, otherChrome);
    }

    /** Whether it is of this session and Chrome, as far as is known. */
    boolean isOf(String otherSince, String otherChrome) {
        return otherSince.equals(since) && (chrome.isEmpty() || otherChrome.isEmpty() || chrome.equals(otherChrome));
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
        out.put("origin", origin);
        return out;
    }

    private boolean isFilled(String name) {
        return profile.get(name) instanceof Map<?, ?> map && !map.isEmpty();
    }
}
