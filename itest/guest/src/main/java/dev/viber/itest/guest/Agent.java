package dev.viber.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An agent, with a token, and calls to it. */
public final class Agent implements AutoCloseable {
    static final JsonMapper JSON = new JsonMapper();
    static final String TOKEN = "t0ken-of-this-test";

    private final HttpClient client = HttpClient.newBuilder()
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
    private final Optional<Process> process;
    private final String api;
    private final String token;
    private final URI devTools;

    private Agent(Optional<Process> process, String api, String token, URI devTools) {
        this.process = process;
        this.token = token;
        this.api = api;
        this.devTools = devTools;
    }

    /**
     * One that runs elsewhere.
     *
     * @param api under which its paths lie, as {@code http://host/vms/web-1/agent}
     * @param token that lets in there
     * @param devTools under which the sockets of its DevTools lie
     */
    public static Agent at(String api, String token, URI devTools) {
        return new Agent(Optional.empty(), api, token, devTools);
    }

    /** Starts it on free ports; comes back when it says that it is ready. */
    static Agent start(Path folder, Map<String, String> more) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        ProcessBuilder builder = new ProcessBuilder(System.getProperty("viber.home") + "/bin/viper-agent")
                .redirectError(folder.resolve("agent.err").toFile());
        Map<String, String> environment = builder.environment();
        environment.put("VIBER_JAVA_HOME", System.getProperty("java.home"));
        environment.put("VIPER_AGENT_LISTEN_ADDR", "127.0.0.1:0");
        environment.put("VIPER_AGENT_DEVTOOLS_ADDR", "127.0.0.1:0");
        environment.put("VIPER_AGENT_TOKEN_FILE", token.toString());
        environment.putAll(more);
        Process process = builder.start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        while (line != null && !line.startsWith("{\"ready\":true")) {
            line = output.readLine();
        }
        assertThat(line)
                .as("what the agent says: " + Files.readString(folder.resolve("agent.err")))
                .isNotNull();
        Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
        JsonNode ready = JSON.readTree(line);
        return new Agent(
                Optional.of(process),
                ready.get("api").asString(),
                TOKEN,
                URI.create(ready.get("devtools").asString()));
    }

    /** An answer: its status, and its body. */
    record Answer(int status, JsonNode body) {
        String text(String name) {
            return body.path(name).asString("");
        }

        /** The same, of a call that did what it should. */
        Answer ok() {
            assertThat(status).as(body.toString()).isEqualTo(200);
            return this;
        }

        /** The same, of a call that failed this way. */
        Answer failed(int with, String code) {
            assertThat(status + " " + text("code")).as(body.toString()).isEqualTo(with + " " + code);
            assertThat(text("error")).isNotEmpty();
            return this;
        }
    }

    String api() {
        return api;
    }

    URI devTools() {
        return devTools;
    }

    String token() {
        return token;
    }

    /** The address of one of its DevTools sockets. */
    URI webSocket(String path) {
        return URI.create(devTools.toString().replaceFirst("^http", "ws").replaceFirst("/+$", "") + path);
    }

    JsonNode health() {
        return get("/healthz").ok().body();
    }

    HttpClient client() {
        return client;
    }

    long pid() {
        return process.orElseThrow().pid();
    }

    Answer post(String path, Object... members) {
        return postLater(path, members).join();
    }

    CompletableFuture<Answer> postLater(String path, Object... members) {
        ObjectNode body = JSON.createObjectNode();
        for (int i = 0; i < members.length; i += 2) {
            body.set(members[i].toString(), JSON.valueToTree(members[i + 1]));
        }
        return send("POST", path, HttpRequest.BodyPublishers.ofString(body.toString()));
    }

    Answer get(String path) {
        return send("GET", path, HttpRequest.BodyPublishers.noBody()).join();
    }

    Answer delete(String path) {
        return send("DELETE", path, HttpRequest.BodyPublishers.noBody()).join();
    }

    CompletableFuture<Answer> put(String path, Path file) throws IOException {
        return send("PUT", path, HttpRequest.BodyPublishers.ofFile(file));
    }

    /** Goes there, and fails where that fails. */
    void go(String url) {
        post("/v1/browser/navigate", "url", url).ok();
    }

    /** The value of an expression in the page. */
    JsonNode value(String expression) {
        return post("/v1/script/evaluate", "expression", expression).ok().body().get("result");
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(api + path)).header("Authorization", "Bearer " + token);
    }

    CompletableFuture<Answer> send(String method, String path, HttpRequest.BodyPublisher body) {
        return client.sendAsync(request(path).method(method, body).build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(answer -> new Answer(answer.statusCode(), JSON.readTree(answer.body())));
    }

    @Override
    public void close() {
        client.shutdownNow();
        process.ifPresent(Agent::end);
    }

    private static void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
