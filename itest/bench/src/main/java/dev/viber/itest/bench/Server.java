package dev.viber.itest.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is put under load: the gateway, or the relay; a process of its own, which prints one line when it serves. */
final class Server implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.shared();

    private final String name;
    private final Process process;
    private final JsonNode ready;
    private final String token;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Server(String name, Process process, JsonNode ready, String token) {
        this.name = name;
        this.process = process;
        this.ready = ready;
        this.token = token;
    }

    /** A gateway with a new state folder. */
    static Server gateway(Path home, Path folder) throws IOException {
        return gateway(home, folder, Map.of());
    }

    /** The same, with these variables in its environment. */
    static Server gateway(Path home, Path folder, Map<String, String> environment) throws IOException {
        Path state = folder.resolve("state");
        Process process = start(
                List.of(
                        home.resolve("bin/viber").toString(),
                        "server",
                        "--json",
                        "--listen",
                        "127.0.0.1:0",
                        "--state",
                        state.toString()),
                folder,
                environment);
        JsonNode ready = readyLine(process);
        return new Server(
                "gateway",
                process,
                ready,
                Files.readString(state.resolve("owner.token")).strip());
    }

    /** The relay on Node's {@code ws}, from a folder where {@code npm install} has been run. */
    static Server relay(Path installed, Path folder) throws IOException {
        Process process = start(List.of("node", installed.resolve("relay.mjs").toString()), folder, Map.of());
        return new Server("relay", process, readyLine(process), "none");
    }

    private static Process start(List<String> command, Path folder, Map<String, String> environment)
            throws IOException {
        Files.createDirectories(folder);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(key -> key.startsWith("VIBER_STATE") || key.startsWith("VIPER_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        Process process =
                builder.redirectError(folder.resolve("stderr.log").toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }

    /** The line that says it serves; what it prints after that is read away. */
    static JsonNode readyLine(Process process) throws IOException {
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            // The JVM may have a word first, where VIBER_JAVA_OPTS asks for one.
            JsonNode json = line.startsWith("{") ? JSON.readTree(line) : JSON.missingNode();
            if (json.path("ready").asBoolean(false)) {
                Thread.ofVirtual().start(() -> out.lines().forEach(more -> {}));
                return json;
            }
        }
        throw new IOException("the process ended before it was ready");
    }

    String name() {
        return name;
    }

    /** Whether it numbers, stores and acknowledges. */
    boolean isDurable() {
        return name.equals("gateway");
    }

    long pid() {
        return ready.path("pid").asLong();
    }

    URI api() {
        return URI.create(ready.path("api").asString());
    }

    String token() {
        return token;
    }

    /** A token for this viber; the relay wants none. */
    String viberToken(String viberId) throws IOException, InterruptedException {
        return isDurable()
                ? post("/vibers/" + viberId + "/tokens", Map.of()).path("token").asString()
                : "none";
    }

    /** Asks whatever there is to ask, and gets what was answered, if it came with this status. */
    JsonNode send(String method, String path, Object body, int wanted) throws IOException, InterruptedException {
        return ask(path, method, BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)), wanted);
    }

    /** The same, without a body. */
    JsonNode send(String method, String path, int wanted) throws IOException, InterruptedException {
        return ask(path, method, BodyPublishers.noBody(), wanted);
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return ask(path, "GET", BodyPublishers.noBody(), 200);
    }

    JsonNode post(String path, Object body) throws IOException, InterruptedException {
        return ask(path, "POST", BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)), 201);
    }

    private JsonNode ask(String path, String method, BodyPublisher body, int wanted)
            throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(api() + path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(method, body)
                .build();
        HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
        if (response.statusCode() != wanted) {
            throw new IOException("%s %s answered %d: %s"
                    .formatted(method, path, response.statusCode(), new String(response.body(), UTF_8)));
        }
        return JSON.readTree(response.body());
    }

    /** Ends it as a power cut would. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        client.shutdownNow();
        process.destroy();
        try {
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
