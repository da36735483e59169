package dev.viber.itest.process;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A gateway's REST interface as a stranger sees it: paths, JSON, status codes. */
final class Rest implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** What came back; the body is null where there was none, {@code retryAfter} where that header was not sent. */
    record Answer(int status, JsonNode body, String retryAfter) {
        /** The body, where the status is the one wanted. */
        JsonNode expect(int wanted) {
            if (status != wanted) {
                throw new IllegalStateException("answered %d, wanted %d: %s".formatted(status, wanted, body));
            }
            return body;
        }
    }

    /** The answer, unless it says that a part of the gateway is away at the moment: that is no answer yet. */
    static Answer served(Answer answer) throws IOException {
        if (answer.status() == 503) {
            throw new IOException("not served yet: " + answer.body());
        }
        return answer;
    }

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String api;
    private final String token;

    /**
     * The gateway here.
     *
     * @param api such as {@code http://127.0.0.1:7777/api/v1}
     */
    Rest(String api, String token) {
        this.api = api;
        this.token = token;
    }

    Answer get(String path) throws IOException, InterruptedException {
        return send("GET", path, null, Map.of());
    }

    Answer post(String path, Object body) throws IOException, InterruptedException {
        return send("POST", path, body, Map.of());
    }

    /** Sends JSON; a path is the jar there, null is no body. */
    Answer send(String method, String path, Object body, Map<String, String> headers)
            throws IOException, InterruptedException {
        if (body instanceof Path jar) {
            return exchange(method, path, BodyPublishers.ofFile(jar), "application/java-archive", headers);
        }
        return sendBytes(method, path, body == null ? null : JSON.writeValueAsBytes(body), headers);
    }

    /** Sends bytes that call themselves JSON, whatever they are; null for no body. */
    Answer sendBytes(String method, String path, byte[] body, Map<String, String> headers)
            throws IOException, InterruptedException {
        return body == null
                ? exchange(method, path, BodyPublishers.noBody(), null, headers)
                : exchange(method, path, BodyPublishers.ofByteArray(body), "application/json", headers);
    }

    private Answer exchange(
            String method, String path, BodyPublisher body, String contentType, Map<String, String> headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).timeout(PATIENCE).method(method, body);
        if (contentType != null) {
            request.header("Content-Type", contentType);
        }
        headers.forEach(request::header);
        HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
        byte[] bytes = response.body();
        try {
            return new Answer(
                    response.statusCode(),
                    bytes.length == 0 ? null : JSON.readTree(bytes),
                    response.headers().firstValue("Retry-After").orElse(null));
        } catch (RuntimeException e) {
            throw new IllegalStateException(
                    "%s %s answered %d with no JSON: %s"
                            .formatted(method, path, response.statusCode(), new String(bytes, StandardCharsets.UTF_8)),
                    e);
        }
    }

    /** The stream of server-sent events behind {@code lastEventId}, which is null for the beginning. */
    HttpResponse<InputStream> stream(String path, String lastEventId) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).header("Accept", "text/event-stream");
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        return client.send(request.build(), BodyHandlers.ofInputStream());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(api + path)).header("Authorization", "Bearer " + token);
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
