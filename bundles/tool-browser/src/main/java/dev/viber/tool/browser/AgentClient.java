package dev.viber.tool.browser;

import dev.viber.api.browser.BrowserDesk;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Calls of the agent of one session, as {@code docs/api/guest.md} has them. */
final class AgentClient {
    static final JsonMapper JSON = new JsonMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    /** How a server tells of its own refusals, which the agent's are not called. */
    private static final String GATEWAY = "urn:viber:problem:";
    /**
     * The token is another by now; the session is over, or nobody's; its VM is gone, or not running any more; the server is
     * being replaced.
     */
    private static final Set<Integer> AWAY = Set.of(401, 403, 404, 409, 410, 503);
    /** A person drives this browser. */
    private static final int DRIVEN = 423;
    /** What the agent minds the time of may take a little longer to be told. */
    private static final Duration MORE = Duration.ofSeconds(15);

    private final HttpClient http;
    private final BrowserSession session;

    /** It could not be reached at all: nothing has happened. */
    static final class AwayException extends IOException {
        private static final long serialVersionUID = 1;

        private final boolean late;

        AwayException(IOException cause) {
            super(cause.getMessage(), cause);
            late = false;
        }

        AwayException(String reason, boolean late) {
            super(reason);
            this.late = late;
        }

        /** Whether whoever stands before it said that its time was over. */
        boolean isLate() {
            return late;
        }
    }

    AgentClient(HttpClient http, BrowserSession session) {
        this.http = http;
        this.session = session;
    }

    BrowserSession session() {
        return session;
    }

    /** Which Chrome it has now; waits for one. Empty where it does not tell. */
    String chromeId(Duration timeout) throws IOException, ToolException, InterruptedException {
        // Asks no page, which may be deaf.
        return get("/v1/tabs", timeout).get("chrome_id") instanceof String id ? id : "";
    }

    /** Posts members; the answer's. */
    Map<String, Object> post(String path, Map<String, Object> members, Duration timeout)
            throws IOException, ToolException, InterruptedException {
        Map<String, Object> body = new java.util.LinkedHashMap<>(members);
        body.put("timeout_ms", timeout.toMillis());
        return object(send(request(path, timeout)
                .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build()));
    }

    Map<String, Object> get(String path, Duration timeout) throws IOException, ToolException, InterruptedException {
        return object(send(request(timed(path, timeout), timeout).GET().build()));
    }

    void delete(String path, Duration timeout) throws IOException, ToolException, InterruptedException {
        object(send(request(timed(path, timeout), timeout).DELETE().build()));
    }

    /** The bytes of an answer, which whoever asked closes. */
    InputStream bytes(String path, Duration timeout) throws IOException, ToolException, InterruptedException {
        HttpResponse<InputStream> answer =
                send(request(timed(path, timeout), timeout).GET().build());
        if (answer.statusCode() != 200) {
            object(answer);
        }
        return answer.body();
    }

    /** Without it the agent would take its own time, which may be longer. */
    private static String timed(String path, Duration timeout) {
        return path + "?timeout_ms=" + timeout.toMillis();
    }

    private HttpRequest.Builder request(String path, Duration timeout) {
        HttpRequest.Builder out =
                HttpRequest.newBuilder(URI.create(session.agent() + path)).timeout(timeout.plus(MORE));
        return session.token() == null ? out : out.header("Authorization", "Bearer " + session.token());
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException, InterruptedException {
        try {
            return http.send(request, BodyHandlers.ofInputStream());
        } catch (ConnectException e) {
            throw new AwayException(e);
        }
    }

    private static Map<String, Object> object(HttpResponse<InputStream> answer) throws IOException, ToolException {
        String text;
        try (InputStream body = answer.body()) {
            text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
        Map<String, Object> members;
        try {
            members = JSON.readValue(text, OBJECT);
        } catch (JacksonException e) {
            throw new IOException("the browser's agent answered %d, and no JSON".formatted(answer.statusCode()), e);
        }
        if (answer.statusCode() == 200) {
            return members;
        }
        if ("chrome_gone".equals(members.get("code"))) {
            throw new IOException(String.valueOf(members.get("error")));
        }
        String said = String.valueOf(members.getOrDefault("error", members.get("detail")));
        if (String.valueOf(members.get("type")).startsWith(GATEWAY)) {
            // A server stands before the agent, and did not let this through, or could not.
            if (AWAY.contains(answer.statusCode())) {
                throw new AwayException(said, Boolean.TRUE.equals(members.get(BrowserDesk.LATE)));
            }
            if (answer.statusCode() == 502) {
                throw new IOException(said);
            }
        } else if (answer.statusCode() == 401) {
            // An agent of somebody else, at the address of one that is gone.
            throw new AwayException(said, false);
        }
        boolean retryable = answer.statusCode() == 408 || answer.statusCode() == DRIVEN || answer.statusCode() >= 502;
        throw new ToolException(
                "%s (%s)".formatted(said, members.getOrDefault("code", answer.statusCode())), retryable, null);
    }
}
