package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Real guests under a real hypervisor, in a network namespace of the test's own; run with {@code -Pvm}. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
class VmIT {
    private static final Path BASE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
    private static final int CYCLES = Integer.getInteger("vm.cycles", 4);
    private static final long PATIENCE = Duration.ofMinutes(4).toNanos();

    @TempDir
    Path dir;

    private Cluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir)
                .with("VIBER_SUPERVISOR_IMAGES", System.getProperty("vm.images"))
                .with("VIBER_SUPERVISOR_QUARANTINE_MS", "1");
        cluster.startGateway();
    }

    @AfterEach
    void stop() throws Exception {
        try {
            for (JsonNode vm : cluster.rest().get("/vms").expect(200)) {
                cluster.rest().send("DELETE", "/vms/" + vm.path("name").asString(), null, Map.of());
            }
        } finally {
            cluster.close();
        }
    }

    @Test
    void aBrowserIsDrivenAndOutlivesTheServer() throws Exception {
        JsonNode made = create("web-1").expect(201);
        assertThat(made.path("status").asString()).isEqualTo("running");
        assertThat(made.path("mac_address").asString()).isEqualTo("0a:58:c0:a8:7f:02");
        JsonNode ready = await("web-1", "ready");
        assertThat(ready.path("guest").path("browser").asString()).startsWith("HeadlessChrome/");

        try (Daemon proxy = proxy("web-1")) {
            String url = proxy.ready().path("url").asString();
            assertThat(node("playwright.mjs", url).path("answer").asString()).isEqualTo("42");
            String socket = cluster.rest()
                    .get("/vms/web-1/devtools/json/version/")
                    .expect(200)
                    .path("webSocketDebuggerUrl")
                    .asString();
            assertThat(node("puppeteer.mjs", url, socket, token())
                            .path("answers")
                            .toString())
                    .isEqualTo("[\"two\",\"two\"]");
            JsonNode evaluated = cluster.rest()
                    .post("/vms/web-1/agent/v1/script/evaluate", Map.of("expression", "6 * 7"))
                    .expect(200);
            assertThat(evaluated.path("result").asInt()).isEqualTo(42);
        }

        assertThat(viper(
                        "vms",
                        List.of(
                                "logs",
                                "web-1",
                                "--server",
                                cluster.api(),
                                "--state",
                                cluster.gatewayState().toString())))
                .contains("viper-init: the agent is ready");

        long pid = ready.path("pid").asLong();
        cluster.killGateway();
        assertThat(ProcessHandle.of(pid)).isPresent();
        cluster.startGateway();
        assertThat(await("web-1", "ready").path("pid").asLong()).as("adopted").isEqualTo(pid);
        try (Daemon proxy = proxy("web-1")) {
            assertThat(node("playwright.mjs", proxy.ready().path("url").asString())
                            .path("answer")
                            .asString())
                    .isEqualTo("42");
        }

        assertThat(turn("web-1", "pause")).isEqualTo("paused");
        assertThat(turn("web-1", "resume")).isEqualTo("running");
        await("web-1", "ready");
        assertThat(turn("web-1", "stop")).isEqualTo("stopped");
        assertThat(isDead(pid)).isTrue();
        assertThat(turn("web-1", "start")).isEqualTo("running");

        // A crash is seen, and told with what the console said last.
        long second = vm("web-1").path("pid").asLong();
        ProcessHandle.of(second).orElseThrow().destroyForcibly();
        assertThat(await("web-1", "crashed").path("error").asString()).contains("its process ended");

        cluster.rest().send("DELETE", "/vms/web-1", null, Map.of()).expect(204);
        assertThat(cluster.rest().get("/vms/web-1").status()).isEqualTo(404);
        assertThat(left()).isEmpty();
    }

    @Test
    void aGuestThatIsNotReadyInTimeIsGivenUp() throws Exception {
        cluster.killGateway();
        cluster.with("VIBER_SUPERVISOR_READY_MS", "1000").startGateway();
        create("slow").expect(201);
        assertThat(await("slow", "failed").path("error").asString()).contains("did not announce itself within 1 s");
        assertThat(left()).isEmpty();
        assertThat(turn("slow", "start")).isEqualTo("running");
    }

    @Test
    void whatSetupDoesIsUndone() throws Exception {
        List<String> common = List.of(
                "--no-image", "--no-server", "--state", dir.resolve("setup").toString());
        viper("setup", common, "--remove"); // what another test's server has made
        String before = host();
        assertThat(viper("setup", common, "--dry-run")).contains("ip link add viperbr0", "nft -f -");
        assertThat(host()).isEqualTo(before);
        viper("setup", common);
        viper("setup", common);
        assertThat(host()).contains("viperbr0", "192.168.127.1/24");
        viper("setup", common, "--remove");
        assertThat(host()).isEqualTo(before);
    }

    private static String viper(String command, List<String> options, String... more)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(Daemon.viber(command));
        words.addAll(options);
        words.addAll(List.of(more));
        return said(words);
    }

    private static String host() throws IOException, InterruptedException {
        return said(List.of("ip", "-o", "addr"))
                + said(List.of("ip", "-o", "link"))
                + said(List.of("nft", "list", "ruleset"))
                + Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward"));
    }

    private static String said(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    @Test
    void whatCannotBeIsRefusedAndLeavesNothing() throws Exception {
        for (Map<String, Object> wrong : List.<Map<String, Object>>of(
                Map.of("name", "../etc"),
                Map.of("name", "Web"),
                Map.of("name", "a,b"),
                Map.of("name", "ok", "cpu_cores", 0),
                Map.of("name", "ok", "memory_mb", 1),
                Map.of("name", "ok", "kernel_cmdline", "init=/bin/sh"),
                Map.of("name", "ok", "kernel_cmdline", "quiet\nip=10.0.0.1"),
                Map.of("name", "ok", "kernel_cmdline", "viper.run=/bin/sh"),
                Map.of("name", "ok", "egress", List.of("10.0.0.0/33")),
                Map.of("name", "ok", "hypervisor", "none"))) {
            Rest.Answer answer = cluster.rest().post("/vms", wrong);
            assertThat(answer.status()).as(wrong + ": " + answer).isBetween(400, 503);
            assertThat(answer.body().path("error").asString()).isNotBlank();
        }
        for (JsonNode vm : cluster.rest().get("/vms").expect(200)) {
            // Refused only when its hypervisor was looked for: it says why, and can be deleted.
            assertThat(vm.path("phase").asString()).isEqualTo("failed");
            assertThat(vm.path("error").asString()).contains("none");
        }
    }

    /** The server is killed at random instants of making and removing; afterwards nothing is there that has no row. */
    @Test
    void killedAtAnyInstantNothingIsOrphaned() throws Exception {
        long seed = Seed.get();
        Random random = new Random(seed);
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            String name = "vm-" + cycle;
            boolean removing = cycle % 2 == 1;
            if (removing) {
                create(name).expect(201);
            }
            Thread request = Thread.ofVirtual().start(() -> {
                try {
                    if (removing) {
                        cluster.rest().send("DELETE", "/vms/" + name, null, Map.of());
                    } else {
                        create(name);
                    }
                } catch (IOException | InterruptedException | RuntimeException e) {
                    // The server is killed under it, which is what this is about.
                }
            });
            Thread.sleep(random.nextInt(700));
            cluster.killGateway();
            request.join();
            cluster.startGateway();
            settle();
            for (JsonNode vm : cluster.rest().get("/vms").expect(200)) {
                String phase = vm.path("phase").asString();
                assertThat(phase).as(vm.toString()).isIn("running", "ready");
                cluster.rest()
                        .send("DELETE", "/vms/" + vm.path("name").asString(), null, Map.of())
                        .expect(204);
            }
            assertThat(left()).as("cycle " + cycle + ", seed " + seed).isEmpty();
        }
    }

    private void settle() throws Exception {
        long end = System.nanoTime() + PATIENCE;
        while (System.nanoTime() < end) {
            boolean moving = false;
            for (JsonNode vm : cluster.rest().get("/vms").expect(200)) {
                moving |= List.of("pending", "starting", "stopping", "deleting")
                        .contains(vm.path("phase").asString());
            }
            if (!moving) {
                return;
            }
            Thread.sleep(100);
        }
    }

    private Rest.Answer create(String name) throws IOException, InterruptedException {
        return cluster.rest().post("/vms", Map.of("name", name, "cpu_cores", 2, "memory_mb", 1024));
    }

    private JsonNode vm(String name) throws IOException, InterruptedException {
        return cluster.rest().get("/vms/" + name).expect(200);
    }

    private JsonNode await(String name, String phase) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        JsonNode seen = vm(name);
        while (!seen.path("phase").asString().equals(phase) && System.nanoTime() < end) {
            Thread.sleep(100);
            seen = vm(name);
        }
        assertThat(seen.path("phase").asString()).as(seen.toString()).isEqualTo(phase);
        return seen;
    }

    private String turn(String name, String verb) throws IOException, InterruptedException {
        return cluster.rest()
                .post("/vms/" + name + "/" + verb, null)
                .expect(200)
                .path("phase")
                .asString();
    }

    /** Gone, or waiting for whoever has to take note of its end: its server was killed, and it is init's child now. */
    private static boolean isDead(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return true;
        }
    }

    /** What of machines is left on the host: processes, taps, folders. */
    private List<String> left() throws IOException, InterruptedException {
        List<String> left = new ArrayList<>();
        Path folders = cluster.gatewayState().resolve("run/vms");
        if (Files.exists(folders)) {
            try (Stream<Path> found = Files.list(folders)) {
                found.forEach(folder -> left.add(folder.toString()));
            }
        }
        ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(folders.toString()))
                .forEach(process -> left.add("process " + process.pid()));
        said(List.of("ip", "-o", "link"))
                .lines()
                .filter(line -> line.contains("vpt-"))
                .forEach(left::add);
        return left;
    }

    private Daemon proxy(String name) throws IOException {
        return Daemon.start(
                "proxy",
                Daemon.viber(
                        "browsers",
                        "proxy",
                        name,
                        "--port",
                        "0",
                        "--json",
                        "--server",
                        cluster.api(),
                        "--state",
                        cluster.gatewayState().toString()),
                Map.of());
    }

    private String token() throws IOException {
        return Files.readString(cluster.gatewayState().resolve("owner.token")).strip();
    }

    private static JsonNode node(String script, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("node", script));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(BASE.resolve("target/devtools").toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return Rest.JSON.readTree(said);
    }
}
