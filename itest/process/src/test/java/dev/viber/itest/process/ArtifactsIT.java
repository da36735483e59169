package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongPredicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a task makes goes to the gateway whole, whatever is killed on the way, and can be had from there. */
@Timeout(value = 15, unit = TimeUnit.MINUTES)
class ArtifactsIT {
    private static final String VIBER = "viber-maker";
    private static final long MIB = 1L << 20;
    /** Much more than the heap of either side. */
    private static final long BYTES = Long.getLong("artifact.mib", 320) * MIB;

    private static final Map<String, String> SMALL_HEAP = Map.of("VIBER_JAVA_OPTS", "-Xmx96m");
    private static final String PLAYBOOK = """
            name: keep
            inputs: {path: {type: string}}
            steps:
              - id: keep
                tool: artifact
                with: {name: made.bin, path: "${{ inputs.path }}", type: application/x-made}
              - id: note
                tool: artifact
                with: {name: "n\u00f6te 1.html", text: "<h1>hi</h1>", type: text/html}
            """;

    @TempDir
    Path dir;

    private Cluster cluster;
    private String token;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir).with("VIBER_JAVA_OPTS", "-Xmx96m");
        cluster.startGateway();
        token = cluster.issueToken(VIBER).path("token").asString();
    }

    @AfterEach
    void stop() {
        cluster.close();
        http.shutdownNow();
    }

    private String submit(String path) throws Exception {
        return cluster.rest()
                .post(
                        "/tasks",
                        Map.of(
                                "goal",
                                "keep",
                                "viberId",
                                VIBER,
                                "options",
                                Map.of("playbook", PLAYBOOK, "inputs", Map.of("path", path))))
                .expect(201)
                .path("id")
                .asString();
    }

    private static String make(Path file, long bytes) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] chunk = new byte[1 << 20];
        Random random = new Random(7);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= chunk.length) {
                random.nextBytes(chunk);
                int n = (int) Math.min(left, chunk.length);
                out.write(chunk, 0, n);
                digest.update(chunk, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** How much of what the task made is at the gateway, on its way. */
    private long arrived(String taskId) {
        Path partial =
                cluster.gatewayState().resolve("artifacts").resolve("partial").resolve(taskId);
        try (Stream<Path> files = Files.exists(partial) ? Files.list(partial) : Stream.<Path>empty()) {
            long most = 0;
            for (Path file : files.toList()) {
                most = Math.max(most, Files.exists(file) ? Files.size(file) : 0);
            }
            return most;
        } catch (IOException e) {
            return 0; // it was put in its place while it was looked at
        }
    }

    /** Looks closely, as the upload goes by fast. */
    private long awaitArrived(String taskId, LongPredicate wanted) {
        long end = System.nanoTime() + Duration.ofMinutes(4).toNanos();
        while (true) {
            long now = arrived(taskId);
            if (wanted.test(now) || System.nanoTime() > end) {
                return now;
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void aLargeOneGoesOnOverAKillOfEitherSideAndArrivesOnce() throws Exception {
        Path made = cluster.workspace().resolve("big.bin");
        String sha256 = make(made, BYTES);
        cluster.startViber(VIBER, token, SMALL_HEAP);
        String taskId = submit("big.bin");
        Sse followed = new Sse(taskId);

        awaitArrived(taskId, size -> size > MIB);
        cluster.killGateway();
        long atGatewaysDeath = arrived(taskId);
        assertThat(atGatewaysDeath).as("killed in the middle").isBetween(MIB, BYTES - 1);
        cluster.startGateway();
        long later = awaitArrived(taskId, size -> size > atGatewaysDeath);
        assertThat(later).as("goes on where it was").isGreaterThan(atGatewaysDeath);

        cluster.viber().kill();
        long atVibersDeath = arrived(taskId);
        assertThat(atVibersDeath).as("killed in the middle").isBetween(atGatewaysDeath, BYTES - 1);
        cluster.startViber(VIBER, token, SMALL_HEAP);
        followed.followToEnd(cluster, event -> {});

        List<Sse.Event> events = followed.events();
        assertThat(events.getLast().kind()).as("%s", events).isEqualTo("completed");
        assertThat(events.stream()
                        .filter(event -> event.kind().equals("artifact"))
                        .map(event -> event.data().path("name").asString()))
                .as("each is told of once, before the end")
                .containsExactlyInAnyOrder("made.bin", "n\u00f6te 1.html");
        JsonNode task = cluster.rest().get("/tasks/" + taskId).expect(200);
        assertThat(task.path("artifacts")
                        .valueStream()
                        .map(each -> each.path("name").asString()))
                .containsExactlyInAnyOrder("made.bin", "n\u00f6te 1.html");

        Path fetched = dir.resolve("fetched.bin");
        Daemon get = Daemon.start(
                "get",
                Daemon.viber(
                        "task",
                        "artifacts",
                        taskId,
                        "--get",
                        "made.bin",
                        "-o",
                        fetched.toString(),
                        "--json",
                        "--server",
                        "http://127.0.0.1:" + cluster.port(),
                        "--state",
                        cluster.gatewayState().toString()),
                SMALL_HEAP);
        assertThat(get.line().path("sha256").asString()).isEqualTo(sha256);
        assertThat(get.awaitExit()).isZero();
        assertThat(Files.mismatch(fetched, made)).isEqualTo(-1);
        assertThat(Patience.until(
                        () -> Files.exists(
                                cluster.viberState(VIBER).resolve("spaces").resolve(taskId)),
                        there -> !there))
                .as("the viber keeps no copy once all is acknowledged")
                .isFalse();
        System.out.printf(
                "%d MiB; the gateway was killed at %d MiB, the viber at %d MiB%n",
                BYTES / MIB, atGatewaysDeath / MIB, atVibersDeath / MIB);
    }

    private HttpResponse<byte[]> get(String path, String... headers) throws Exception {
        String owner =
                Files.readString(cluster.gatewayState().resolve("owner.token")).strip();
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(cluster.api() + path)).header("Authorization", "Bearer " + owner);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    @Test
    void itsBytesCanBeHadWholeInPartsAndOnlyIfChanged() throws Exception {
        Files.writeString(cluster.workspace().resolve("small.txt"), "0123456789");
        cluster.startViber(VIBER, token);
        String taskId = submit("small.txt");
        new Sse(taskId).followToEnd(cluster, event -> {});
        String path = "/tasks/" + taskId + "/artifacts/made.bin";

        HttpResponse<byte[]> whole = get(path);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(new String(whole.body(), StandardCharsets.UTF_8)).isEqualTo("0123456789");
        assertThat(whole.headers().firstValue("Content-Type")).contains("application/x-made");
        assertThat(whole.headers().firstValue("Content-Disposition")).contains("attachment; filename*=UTF-8''made.bin");
        assertThat(whole.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        String digest = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(whole.body()));
        assertThat(whole.headers().firstValue("Repr-Digest")).contains("sha-256=:" + digest + ":");
        String etag = whole.headers().firstValue("ETag").orElseThrow();
        assertThat(get(path, "If-None-Match", etag).statusCode()).isEqualTo(304);

        HttpResponse<byte[]> part = get(path, "Range", "bytes=2-4");
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(new String(part.body(), StandardCharsets.UTF_8)).isEqualTo("234");
        assertThat(part.headers().firstValue("Content-Range")).contains("bytes 2-4/10");
        assertThat(new String(get(path, "Range", "bytes=-3").body(), StandardCharsets.UTF_8))
                .isEqualTo("789");
        HttpResponse<byte[]> beyond = get(path, "Range", "bytes=10-");
        assertThat(beyond.statusCode()).isEqualTo(416);
        assertThat(beyond.headers().firstValue("Content-Range")).contains("bytes */10");
        HttpResponse<byte[]> page = get("/tasks/" + taskId + "/artifacts/n%C3%B6te%201.html");
        assertThat(page.headers().firstValue("Content-Disposition"))
                .contains("attachment; filename*=UTF-8''n%C3%B6te%201.html");
        assertThat(page.headers().firstValue("Content-Security-Policy")).isPresent();
        assertThat(get("/tasks/" + taskId + "/artifacts/nothing").statusCode()).isEqualTo(404);
    }

    private HttpResponse<String> put(String bearer, String taskId, String body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(cluster.api() + "/tasks/" + taskId + "/artifacts/x.txt"))
                .header("Authorization", "Bearer " + bearer)
                .PUT(BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static String digest(String text) throws Exception {
        return "sha-256=:"
                + Base64.getEncoder()
                        .encodeToString(
                                MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)))
                + ":";
    }

    /** A viber of another make, which only puts. */
    @Test
    void onlyTheViberThatHoldsTheTaskMayPutAndOnlyWhatItSays() throws Exception {
        Path script = dir.resolve("minimal_viber.py");
        try (InputStream in = ThirdPartyViberIT.class.getResourceAsStream("minimal_viber.py")) {
            Files.write(script, in.readAllBytes());
        }
        try (Daemon stranger = Daemon.start(
                "stranger",
                List.of("python3", script.toString(), "127.0.0.1", "" + cluster.port(), token, VIBER),
                Map.of())) {
            stranger.ready();
            String taskId = cluster.rest()
                    .post("/tasks", Map.of("goal", "hang", "viberId", VIBER))
                    .expect(201)
                    .path("id")
                    .asString();
            new Sse(taskId).await(cluster.rest(), event -> event.kind().equals("started"));
            String other = cluster.issueToken("viber-other").path("token").asString();
            String owner = Files.readString(cluster.gatewayState().resolve("owner.token"))
                    .strip();
            assertThat(put(other, taskId, "abc", "Repr-Digest", digest("abc")).statusCode())
                    .isEqualTo(404);
            assertThat(put(owner, taskId, "abc", "Repr-Digest", digest("abc")).statusCode())
                    .isEqualTo(403);
            assertThat(put(token, taskId, "abc").statusCode()).isEqualTo(400);
            assertThat(put(token, taskId, "abc", "Repr-Digest", digest("abd")).statusCode())
                    .isEqualTo(422);
            HttpResponse<String> ahead =
                    put(token, taskId, "c", "Repr-Digest", digest("abc"), "Content-Range", "bytes 2-2/3");
            assertThat(ahead.statusCode()).isEqualTo(409);
            assertThat(Rest.JSON.readTree(ahead.body()).path("offset").asLong(-1))
                    .isZero();
            HttpResponse<String> taken =
                    put(token, taskId, "abc", "Repr-Digest", digest("abc"), "Content-Type", "text/plain");
            assertThat(taken.statusCode()).as(taken.body()).isEqualTo(200);
            assertThat(get("/tasks/" + taskId + "/artifacts/x.txt").body())
                    .isEqualTo("abc".getBytes(StandardCharsets.UTF_8));
            assertThat(get("/tasks/" + taskId + "/artifacts/..%2Fx").statusCode())
                    .isBetween(400, 404);
        }
    }
}
