package dev.viber.browser.local;

import dev.viber.api.browser.BrowserSession;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls of a session's agent. */
record Hand(BrowserSession session) {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = new JsonMapper();

    JsonNode get(String path) throws Exception {
        return send(request(path).GET().build());
    }

    JsonNode post(String path, Map<String, ?> members) throws Exception {
        return send(request(path)
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(members)))
                .build());
    }

    /** What is seen at an address, or the error that came instead. */
    String go(String url) throws Exception {
        JsonNode answer = post("/v1/browser/navigate", Map.of("url", url, "timeout_ms", 20_000));
        return answer.has("error")
                ? answer.get("error").asString()
                : value("document.body.innerText").asString("");
    }

    /** The value of an expression, or what it threw. */
    JsonNode value(String expression) throws Exception {
        JsonNode answer = post("/v1/script/evaluate", Map.of("expression", expression, "await_promise", true));
        return answer.has("error") ? answer.get("error") : answer.get("result");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(session.agent() + path))
                .header("Authorization", "Bearer " + session.token());
    }

    private static JsonNode send(HttpRequest request) throws Exception {
        return JSON.readTree(
                HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }
}
