package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.process.Greeter.Start;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Plugins of a viber in another process: signed, installed, used, updated, rolled back, removed; killed in the middle. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class PluginsIT {
    private static final String VIBER = "box";
    private static final String ID = Greeter.NAME + "@" + VIBER;
    /** Reads a file that is not there and asks whether to try again: goes on when the test says so. */
    private static final String GATED = """
            name: gated
            steps:
              - {id: gate1, tool: file.read, onError: ask, with: {path: gate1}}
              - {id: first, tool: greeter.version, needs: [gate1]}
              - {id: gate2, tool: file.read, onError: ask, needs: [first], with: {path: gate2}}
              - {id: second, tool: greeter.version, needs: [gate2]}
            outputs: {first: "${{ steps.first.result.version }}", second: "${{ steps.second.result.version }}"}
            """;

    private static final String ASK = """
            name: ask
            steps:
              - {id: ask, tool: greeter.version}
            outputs: {version: "${{ steps.ask.result.version }}"}
            """;

    @TempDir
    Path dir;

    private Cluster cluster;
    private Greeter greeter;
    private Path key;
    private String keyId;
    private String token;

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir);
        greeter = new Greeter(dir.resolve("jars"));
        cluster.startGateway();
        token = cluster.issueToken(VIBER).path("token").asString();
        cluster.startViber(VIBER, token);
        key = dir.resolve("publisher.key");
        keyId = viber("plugin", "key", key.toString(), "--json").path("keyId").asString();
        viber(
                "plugin",
                "trust",
                key + ".pub",
                "--state",
                cluster.viberState(VIBER).toString(),
                "--json");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** Runs a command to its good end; the line it printed. */
    private JsonNode viber(String... arguments) throws Exception {
        try (Daemon command = Daemon.start(
                "command",
                Daemon.viber(arguments),
                Map.of(
                        "VIBER_SERVER",
                        "http://127.0.0.1:" + cluster.port(),
                        "VIBER_TOKEN",
                        Files.readString(cluster.gatewayState().resolve("owner.token"))
                                .strip()))) {
            int code = command.awaitExit();
            assertThat(code).as("%s: %s", List.of(arguments), command.logTail()).isZero();
            return command.line();
        }
    }

    private Rest.Answer send(String method, String path, Path jar, String signature) throws Exception {
        Map<String, String> headers = new HashMap<>();
        if (signature != null) {
            headers.put("Viber-Signature", signature);
        }
        return cluster.rest().send(method, path, jar, headers);
    }

    private Rest.Answer update(Path jar) throws Exception {
        return send("PUT", "/plugins/" + ID, jar, Greeter.sign(jar, key, keyId));
    }

    private JsonNode install(Path jar) throws Exception {
        return send("POST", "/plugins?viber=" + VIBER, jar, Greeter.sign(jar, key, keyId))
                .expect(201);
    }

    private JsonNode plugin() throws Exception {
        return cluster.rest().get("/plugins/" + ID).expect(200);
    }

    private String submit(String playbook) throws Exception {
        return cluster.rest()
                .post("/tasks", Map.of("goal", "greet", "viberId", VIBER, "options", Map.of("playbook", playbook)))
                .expect(201)
                .path("id")
                .asString();
    }

    /** The version that answers a task now. */
    private String asked() throws Exception {
        String taskId = submit(ASK);
        new Sse(taskId).await(cluster.rest(), Sse.Event::isLast);
        JsonNode task = cluster.rest().get("/tasks/" + taskId).expect(200);
        return task.path("result").path("outputs").path("version").asString("" + task);
    }

    private void open(Sse followed, String gate) throws Exception {
        Files.writeString(cluster.workspace().resolve(gate), "open");
        Sse.Event waiting = followed.events().getLast();
        cluster.rest()
                .post("/approvals/" + waiting.data().path("approvalId").asString(), Map.of("allow", true))
                .expect(200);
    }

    @Test
    void theWholeStoryUnderLoad() throws Exception {
        try (Load load = new Load()) {
            // The example of the documentation, by the commands of the documentation.
            Path hello = Files.copy(Path.of(System.getProperty("hello.jar")), dir.resolve("hello.jar"));
            viber("plugin", "sign", hello.toString(), "--key", key.toString(), "--json");
            JsonNode installed = viber("plugin", "install", hello.toString(), "--viber", VIBER, "--json");
            assertThat(installed.path("state").asString()).isEqualTo("active");
            assertThat(installed.path("services").values())
                    .extracting(JsonNode::asString)
                    .containsExactly("hello.greet");
            assertThat(viber("run", "-f", "../../docs/examples/hello-tool/greet.yaml", "--viber", VIBER, "--json")
                            .isMissingNode())
                    .isFalse();

            // A task is running, and its next step is one that nobody can take yet.
            String taskId = submit(GATED);
            Sse followed = new Sse(taskId);
            followed.await(cluster.rest(), event -> event.kind().equals("waiting"));
            JsonNode first = install(greeter.build("1.0.0", Start.WELL));
            assertThat(first.path("symbolicName").asString()).isEqualTo(Greeter.NAME);
            assertThat(first.path("version").asString()).isEqualTo("1.0.0");
            assertThat(first.path("digest").asString()).startsWith("sha256:");
            assertThat(first.path("services").values())
                    .extracting(JsonNode::asString)
                    .containsExactly("greeter.version");
            open(followed, "gate1");
            followed.await(cluster.rest(), event -> event.kind().equals("waiting"));
            JsonNode second = update(greeter.build("1.1.0", Start.WELL)).expect(200);
            assertThat(second.path("version").asString()).isEqualTo("1.1.0");
            open(followed, "gate2");
            followed.await(cluster.rest(), Sse.Event::isLast);
            JsonNode outputs = cluster.rest()
                    .get("/tasks/" + taskId)
                    .expect(200)
                    .path("result")
                    .path("outputs");
            assertThat(outputs.path("first").asString()).isEqualTo("1.0.0");
            assertThat(outputs.path("second").asString()).isEqualTo("1.1.0");

            // Versions that do not come up leave the one that serves where it is.
            refused(update(greeter.build("1.2.0", Start.FAILS)), "no database", "rolled back to 1.1.0");
            refused(update(greeter.build("1.3.0", Start.SICK)), "queue is full", "rolled back to 1.1.0");
            assertThat(asked()).isEqualTo("1.1.0");
            assertThat(plugin().path("version").asString()).isEqualTo("1.1.0");
            assertThat(plugin().path("state").asString()).isEqualTo("active");

            assertThat(cluster.viber().terminate()).isZero();
            cluster.startViber(VIBER, token);
            assertThat(asked()).as("after a restart").isEqualTo("1.1.0");

            assertThat(cluster.rest()
                            .send("DELETE", "/plugins/" + ID, null, Map.of())
                            .status())
                    .isEqualTo(204);
            assertThat(cluster.rest().get("/plugins/" + ID).status()).isEqualTo(404);
            JsonNode box = cluster.rest().get("/vibers/" + VIBER).expect(200);
            Patience.until(
                    () -> cluster.rest()
                            .get("/vibers/" + VIBER)
                            .expect(200)
                            .path("capabilities")
                            .toString(),
                    words -> !words.contains("greeter"));
            assertThat(box.path("features").toString()).contains("plugins");
            load.check();
        }
    }

    private static void refused(Rest.Answer answer, String... why) {
        JsonNode problem = answer.expect(422);
        assertThat(problem.path("detail").asString()).contains(why);
    }

    @Test
    void whatIsNotRightlySignedOrOlderIsNotLetIn() throws Exception {
        Path good = greeter.build("2.0.0", Start.WELL);
        String signature = Greeter.sign(good, key, keyId);
        String offer = "/plugins?viber=" + VIBER;
        refused(send("POST", offer, good, null), "not signed");
        Path strangers = dir.resolve("stranger.key");
        String stranger = viber("plugin", "key", strangers.toString(), "--json")
                .path("keyId")
                .asString();
        refused(send("POST", offer, good, Greeter.sign(good, strangers, stranger)), "does not trust", stranger);
        // The key of somebody trusted in the name, the signature of somebody else.
        refused(send("POST", offer, good, Greeter.sign(good, strangers, keyId)), "does not fit");
        Path tampered = dir.resolve("tampered.jar");
        Files.write(tampered, Files.readAllBytes(greeter.build("2.0.0", Start.SLOW)));
        refused(send("POST", offer, tampered, signature), "does not fit");
        refused(send("POST", offer, good, "nonsense"), "keyId:base64");
        Path broken = Files.write(dir.resolve("broken.jar"), new byte[] {'P', 'K', 3, 4, 0, 0});
        refused(send("POST", offer, broken, signature), "no whole jar");
        assertThat(plugin().path("state").asString()).isEqualTo("refused");

        send("POST", offer, good, signature).expect(201);
        Path older = greeter.build("1.9.0", Start.WELL);
        assertThat(update(older).expect(409).path("detail").asString()).contains("older than 2.0.0");
        assertThat(asked()).isEqualTo("2.0.0");
        send("PUT", "/plugins/" + ID + "?downgrade=true", older, Greeter.sign(older, key, keyId))
                .expect(200);
        assertThat(asked()).isEqualTo("1.9.0");

        cluster.issueToken("never");
        assertThat(send("POST", "/plugins?viber=never", good, signature)
                        .expect(409)
                        .path("detail")
                        .asString())
                .contains("was never here");

        // What is offered while it is away is installed when it comes.
        assertThat(cluster.viber().terminate()).isZero();
        Patience.until(
                () -> cluster.rest()
                        .get("/vibers/" + VIBER)
                        .expect(200)
                        .path("status")
                        .asString(),
                "offline"::equals);
        assertThat(update(good).expect(202).path("state").asString()).isEqualTo("offered");
        cluster.startViber(VIBER, token);
        Patience.until(this::plugin, plugin -> plugin.path("state").asString().equals("active"));
        assertThat(asked()).isEqualTo("2.0.0");

        // The folder.
        Path folder = cluster.viberState(VIBER).resolve("plugins");
        Path hello = Path.of(System.getProperty("hello.jar"));
        byte[] bytes = Files.readAllBytes(hello);
        Files.writeString(folder.resolve("hello.jar.sig"), Greeter.sign(hello, key, keyId));
        Files.write(folder.resolve("hello.jar"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Files.write(folder.resolve("hello.jar"), bytes);
        Patience.until(this::listed, all -> all.contains("org.example.hello"));
        assertThat(listed()).contains("org.example.hello");
        Files.delete(folder.resolve("hello.jar"));
        Patience.until(this::listed, all -> !all.contains("org.example.hello"));
        assertThat(listed()).doesNotContain("org.example.hello");
    }

    private String listed() throws Exception {
        return cluster.rest().get("/plugins?viber=" + VIBER).expect(200).toString();
    }

    /** A second request with a key does nothing more, whatever became of the plugin meanwhile. */
    @Test
    void theSameKeyInstallsUpdatesAndRemovesOnce() throws Exception {
        Path first = greeter.build("1.0.0", Start.WELL);
        Path second = greeter.build("2.0.0", Start.WELL);
        String offer = "/plugins?viber=" + VIBER;
        JsonNode installed = keyed("POST", offer, first, "k1").expect(201);
        keyed("PUT", "/plugins/" + ID, second, "k2").expect(200);
        JsonNode again = keyed("POST", offer, first, "k1").expect(201);
        assertThat(again.path("version").asString()).as("as things stand").isEqualTo("2.0.0");
        assertThat(again.path("createdAt")).isEqualTo(installed.path("createdAt"));
        assertThat(asked()).isEqualTo("2.0.0");
        keyed("PUT", "/plugins/" + ID, first, "k2").expect(409);

        cluster.killGateway();
        cluster.startGateway();
        assertThat(cluster.insist(rest -> rest.send("DELETE", "/plugins/" + ID, null, Map.of("Idempotency-Key", "k3")))
                        .status())
                .isIn(202, 204);
        Patience.until(() -> cluster.rest().get("/plugins/" + ID).status(), status -> status == 404);
        assertThat(cluster.rest()
                        .send("DELETE", "/plugins/" + ID, null, Map.of("Idempotency-Key", "k3"))
                        .status())
                .isEqualTo(204);
        assertThat(cluster.rest()
                        .send("DELETE", "/plugins/" + ID, null, Map.of())
                        .status())
                .isEqualTo(404);
    }

    private Rest.Answer keyed(String method, String path, Path jar, String idempotencyKey) throws Exception {
        return cluster.rest()
                .send(
                        method,
                        path,
                        jar,
                        Map.of("Viber-Signature", Greeter.sign(jar, key, keyId), "Idempotency-Key", idempotencyKey));
    }

    /** Without a gateway the commands speak to the viber itself, by its socket; and one that lets unsigned jars in says so. */
    @Test
    void aViberAloneTakesPluginsByItsSocket() throws Exception {
        Path state = dir.resolve("alone");
        String[] at = {"--state", state.toString(), "--json"};
        Path jar = greeter.build("1.0.0", Start.WELL);
        try (Daemon viber = Daemon.start(
                "alone",
                Daemon.viber(with(
                        at,
                        "start",
                        "--local",
                        "--workspace",
                        cluster.workspace().toString())),
                Map.of())) {
            assertThat(viber.ready().has("allowUnsigned")).isFalse();
            try (Daemon refused =
                    Daemon.start("command", Daemon.viber(with(at, "plugin", "install", jar.toString())), Map.of())) {
                assertThat(refused.awaitExit()).isEqualTo(2);
                assertThat(refused.log()).contains("not signed").doesNotContain("\tat ");
            }
            assertThat(viber.terminate()).isZero();
        }
        try (Daemon viber = Daemon.start(
                "alone",
                Daemon.viber(with(
                        at,
                        "start",
                        "--local",
                        "--allow-unsigned",
                        "--workspace",
                        cluster.workspace().toString())),
                Map.of())) {
            assertThat(viber.ready().path("allowUnsigned").asBoolean()).isTrue();
            assertThat(alone(with(at, "plugin", "install", jar.toString()))
                            .path("state")
                            .asString())
                    .isEqualTo("active");
            Path update = greeter.build("1.1.0", Start.WELL);
            assertThat(alone(with(at, "plugin", "update", Greeter.NAME, update.toString()))
                            .path("version")
                            .asString())
                    .isEqualTo("1.1.0");
            assertThat(alone(with(at, "plugin", "list")).path("id").asString()).isEqualTo(Greeter.NAME);
            assertThat(alone(with(at, "plugin", "remove", Greeter.NAME))
                            .path("removed")
                            .asBoolean())
                    .isTrue();
            assertThat(viber.log()).contains("PLUGINS NEED NO SIGNATURE HERE");
        }
    }

    private static String[] with(String[] more, String... words) {
        return Stream.concat(Stream.of(words), Stream.of(more)).toArray(String[]::new);
    }

    /** Runs a command that finds no server to its good end; the line it printed. */
    private static JsonNode alone(String... arguments) throws Exception {
        try (Daemon command = Daemon.start("command", Daemon.viber(arguments), Map.of())) {
            int code = command.awaitExit();
            assertThat(code).as("%s: %s", List.of(arguments), command.logTail()).isZero();
            return command.line();
        }
    }

    @Test
    void killedAtAnyInstantTheOldOrTheNewVersionServesAndTheRowSaysWhich() throws Exception {
        long seed = Seed.get();
        RandomGenerator random = new java.util.Random(seed);
        install(greeter.build("1.0.0", Start.WELL));
        String old = "1.0.0";
        Map<String, Integer> phases = new TreeMap<>();
        int cycles = Integer.getInteger("cycles", 6);
        for (int cycle = 1; cycle <= cycles; cycle++) {
            String fresh = "1." + cycle + ".0";
            // Every third is slow to start, and killed while it does so; the others at any instant.
            boolean slow = cycle % 3 == 0;
            Path jar = greeter.build(fresh, slow ? Start.SLOW : Start.WELL);
            Thread updating = Thread.ofVirtual().start(() -> {
                try {
                    update(jar);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            if (slow) {
                Patience.until(this::state, "starting"::equals);
            } else {
                LockSupport.parkNanos(random.nextLong(250_000_000L));
            }
            cluster.viber().kill();
            String phase = Databases.strings(
                            Databases.in(cluster.viberState(VIBER)), "SELECT state || ' ' || version FROM plugin")
                    .toString();
            phases.merge(phase.replaceAll(" .*", "").substring(1), 1, Integer::sum);
            cluster.startViber(VIBER, token);
            updating.join();
            JsonNode row = Patience.until(
                    this::plugin,
                    plugin -> plugin.path("state").asString().equals("active")
                            && plugin.path("version").asString().equals(fresh));
            String serves = row.path("version").asString();
            assertThat(row.path("state").asString())
                    .as("seed %d, cycle %d: %s", seed, cycle, row)
                    .isEqualTo("active");
            assertThat(serves).as("seed %d, cycle %d", seed, cycle).isIn(old, fresh);
            assertThat(asked()).as("seed %d, cycle %d: %s", seed, cycle, row).isEqualTo(serves);
            old = serves;
        }
        System.out.println("plugins: killed in " + phases + ", seed " + seed);

        // One that takes the viber down with it is given up, and what served before serves.
        Path deadly = greeter.build("3.0.0", Start.HALTS);
        Thread updating = Thread.ofVirtual().start(() -> {
            try {
                update(deadly);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        for (int starts = 0; starts < 3; starts++) {
            assertThat(cluster.viber().awaitExit()).isEqualTo(9);
            startMaybeInVain();
        }
        updating.join();
        JsonNode row = Patience.until(
                this::plugin, plugin -> plugin.path("state").asString().equals("active"));
        assertThat(row.path("error").asString()).contains("ended 3 times");
        assertThat(asked()).isEqualTo(old);
    }

    /** A viber that may be gone again before it has said that it is ready. */
    private void startMaybeInVain() throws Exception {
        try {
            cluster.startViber(VIBER, token);
        } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("is not ready");
        }
    }

    private String state() throws Exception {
        return plugin().path("state").asString();
    }

    /** Tasks one after another with a reader each, three at a time, while the test does what it does. */
    private final class Load implements AutoCloseable {
        private static final String SMALL = """
                name: small
                steps:
                  - {id: write, tool: file.write, with: {path: "load-${{ task.id }}.txt", text: here}}
                  - {id: pause, tool: wait, needs: [write], with: {for: 100ms}}
                  - {id: read, tool: file.read, needs: [pause], with: {path: "load-${{ task.id }}.txt"}}
                """;

        private final AtomicBoolean over = new AtomicBoolean();
        private final AtomicInteger done = new AtomicInteger();
        private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
        private final List<Thread> threads = new ArrayList<>();

        Load() {
            for (int i = 0; i < 3; i++) {
                threads.add(Thread.ofVirtual().start(this::work));
            }
        }

        private void work() {
            while (!over.get()) {
                try {
                    String taskId = submit(SMALL);
                    Sse.Event last = new Sse(taskId).await(cluster.rest(), Sse.Event::isLast);
                    if (last.kind().equals("completed")) {
                        done.incrementAndGet();
                    } else {
                        wrong.add(last.toString());
                    }
                } catch (IOException e) {
                    wrong.add(e.toString());
                } catch (Exception e) {
                    wrong.add(String.valueOf(e));
                    return;
                }
            }
        }

        void check() {
            close();
            assertThat(wrong).isEmpty();
            assertThat(done.get()).isPositive();
            System.out.println("plugins: " + done + " tasks of others went on meanwhile");
        }

        @Override
        public void close() {
            over.set(true);
            try {
                for (Thread thread : threads) {
                    thread.join();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
