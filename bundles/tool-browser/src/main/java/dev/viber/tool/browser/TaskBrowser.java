package dev.viber.tool.browser;

import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a call of a tool has of its task's browser. */
final class TaskBrowser {
    /** Of what is done beside the call itself. */
    private static final Duration BESIDE = Duration.ofSeconds(20);

    private final AgentClient agent;
    private final Duration timeout;

    TaskBrowser(AgentClient agent, Duration timeout) {
        this.agent = agent;
        this.timeout = timeout;
    }

    Duration timeout() {
        return timeout;
    }

    Map<String, Object> post(String path, Map<String, Object> members)
            throws IOException, ToolException, InterruptedException {
        return agent.post(path, members, timeout);
    }

    Map<String, Object> get(String path) throws IOException, ToolException, InterruptedException {
        return agent.get(path, timeout);
    }

    void delete(String path) throws IOException, ToolException, InterruptedException {
        agent.delete(path, timeout);
    }

    InputStream bytes(String path) throws IOException, ToolException, InterruptedException {
        return agent.bytes(path, timeout);
    }

    /** The page as results show it. */
    Map<String, Object> page() throws IOException, ToolException, InterruptedException {
        Map<String, Object> page = agent.get("/v1/browser/page", BESIDE);
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("url", page.getOrDefault("url", ""));
        out.put("title", page.getOrDefault("title", ""));
        return out;
    }

    /** What it has become up to now. */
    Keepsake keepsake() throws IOException, ToolException, InterruptedException {
        Map<String, Object> profile = agent.get("/v1/profile/extract", BESIDE);
        profile.remove("status");
        // With the storage, in one answer: a page that is asked for its address later may be another one.
        String url = taken(profile, "url");
        String origin = taken(profile, "origin");
        long chrome = profile.remove("chrome_start") instanceof Number start ? start.longValue() : 0;
        return new Keepsake(
                url,
                origin,
                profile,
                agent.session().kind(),
                agent.session().since().toString(),
                chrome);
    }

    private static String taken(Map<String, Object> profile, String name) {
        return profile.remove(name) instanceof String text ? text : "";
    }

    /**
     * Makes it what another one had become.
     *
     * @return what it was not given, and why; null where it has all
     */
    @Nullable
    String take(Keepsake keepsake) throws IOException, ToolException, InterruptedException {
        if (keepsake.cookies() > 0) {
            agent.post("/v1/profile/attach", keepsake.cookiesOnly(), BESIDE);
        }
        if (!keepsake.hasPage()) {
            return null;
        }
        // Some pages never finish loading.
        Map<String, Object> there = Map.of("url", keepsake.url(), "wait_until", "domcontentloaded");
        Object url = agent.post("/v1/browser/navigate", there, timeout).get("url");
        if (keepsake.hasStorage()) {
            String origin = Keepsake.originOf(String.valueOf(url));
            if (!origin.equals(keepsake.origin())) {
                return "the storage of %s: the page that opened is of %s".formatted(keepsake.origin(), origin);
            }
            // The page read its storage as it came, when there was nothing in it.
            agent.post("/v1/profile/attach", keepsake.storageOnly(), BESIDE);
            agent.post("/v1/browser/reload", Map.of("wait_until", "domcontentloaded"), timeout);
        }
        return null;
    }
}
