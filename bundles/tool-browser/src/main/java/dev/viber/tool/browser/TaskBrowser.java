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

    private final Duration timeout;
    private final Anew anew;
    private AgentClient agent;
    private boolean touched;

    /** The same browser asked for anew, after it was away. */
    @FunctionalInterface
    interface Anew {
        /**
         * Waits for it.
         *
         * @throws AgentClient.AwayException where it is no more
         */
        AgentClient after(AgentClient lost, AgentClient.AwayException why)
                throws IOException, ToolException, InterruptedException;
    }

    TaskBrowser(AgentClient agent, Duration timeout, Anew anew) {
        this.agent = agent;
        this.timeout = timeout;
        this.anew = anew;
    }

    AgentClient agent() {
        return agent;
    }

    Duration timeout() {
        return timeout;
    }

    /** Whether a call that may have changed something was answered: what was begun is not done from its beginning again. */
    boolean isTouched() {
        return touched;
    }

    Map<String, Object> post(String path, Map<String, Object> members)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> answer = agent.post(path, members, timeout);
        touched = true;
        return answer;
    }

    Map<String, Object> get(String path) throws IOException, ToolException, InterruptedException {
        return read(path, timeout);
    }

    /** What came of a click is read from the browser that was clicked in, also where the server was away in between. */
    private Map<String, Object> read(String path, Duration within)
            throws IOException, ToolException, InterruptedException {
        try {
            return agent.get(path, within);
        } catch (AgentClient.AwayException e) {
            if (!touched) {
                throw e;
            }
            agent = anew.after(agent, e);
            return agent.get(path, within);
        }
    }

    void delete(String path) throws IOException, ToolException, InterruptedException {
        agent.delete(path, timeout);
        touched = true;
    }

    InputStream bytes(String path) throws IOException, ToolException, InterruptedException {
        return agent.bytes(path, timeout);
    }

    /** The page as results show it. */
    Map<String, Object> page() throws IOException, ToolException, InterruptedException {
        Map<String, Object> page = read("/v1/browser/page", BESIDE);
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
        String chrome = taken(profile, "chrome_id");
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
