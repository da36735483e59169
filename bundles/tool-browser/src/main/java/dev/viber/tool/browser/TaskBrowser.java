package dev.viber.tool.browser;

import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

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
        return new Keepsake(
                String.valueOf(agent.get("/v1/browser/page", BESIDE).getOrDefault("url", "")),
                profile,
                agent.session().kind(),
                agent.session().since().toString());
    }

    /** Makes it what another one had become. */
    void take(Keepsake keepsake) throws IOException, ToolException, InterruptedException {
        if (keepsake.cookies() > 0) {
            agent.post("/v1/profile/attach", keepsake.cookiesOnly(), BESIDE);
        }
        if (keepsake.hasPage()) {
            agent.post("/v1/browser/navigate", Map.of("url", keepsake.url()), timeout);
            if (keepsake.hasStorage()) {
                // The page read its storage as it came, when there was nothing in it.
                agent.post("/v1/profile/attach", keepsake.storageOnly(), BESIDE);
                agent.post("/v1/browser/reload", Map.of(), timeout);
            }
        }
    }
}
