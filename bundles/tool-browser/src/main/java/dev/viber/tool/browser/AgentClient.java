package dev.viber.tool.browser;

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
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Calls of the agent of one session, as {@code docs/api/guest.md} has them. */
final class AgentClient {
    static final JsonMapper JSON = new JsonMapper();
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    /** What the agent minds the time of may take a little longer to be told. */
    private static final Duration MORE = Duration.ofSeconds(15);

    private final HttpClient http;
    private final BrowserSession session;

    /** It could not be reached at all: nothing has happened. */
    static final class AwayException extends IOException {
        private static final long serialVersionUID = 1;

        AwayException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    AgentClient(HttpClient http, BrowserSession session) {
        this.http = http;
        this.session = session;
    }

    BrowserSession session() {
        return session;
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
        return object(send(request(path, timeout).GET().build()));
    }

    void delete(String path, Duration timeout) throws IOException, ToolException, InterruptedException {
        object(send(request(path, timeout).DELETE().build()));
    }

    /** The bytes of an answer, which whoever asked closes. */
    InputStream bytes(String path, Duration timeout) throws IOException, ToolException, InterruptedException {
        HttpResponse<InputStream> answer = send(request(path, timeout).GET().build());
        if (answer.statusCode() != 200) {
            object(answer);
        }
        return answer.body();
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
        String said = String.valueOf(members.getOrDefault("error", members.get("detail")));
        boolean retryable = answer.statusCode() == 408 || answer.statusCode() >= 502;
        throw new ToolException(
                "%s (%s)".formatted(said, members.getOrDefault("code", answer.statusCode())), retryable, null);
    }
}
