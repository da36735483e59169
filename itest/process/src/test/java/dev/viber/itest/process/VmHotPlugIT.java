package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.process.Shell.Listed;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What runs machines is replaced while they run, and while their browsers are driven. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class VmHotPlugIT {
    private static final List<String> REPLACED =
            List.of("dev.viber.supervisor", "dev.viber.hypervisor.qemu", "dev.viber.pools");

    @TempDir
    Path dir;

    private Machines machines;
    private Shell shell;
    private int versions;
    private final List<String> report = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        machines = Machines.withBlank(dir);
        machines.cluster().startGateway();
        shell = new Shell(machines.cluster().gatewayState());
    }

    @AfterEach
    void stop() throws Exception {
        report.forEach(System.out::println);
        Files.write(Path.of(System.getProperty("basedir", "."), "target", "vm-hotplug-report.txt"), report);
        machines.close();
    }

    /** One session of stock Playwright. */
    private static final class Session implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final Writer in;
        private int asked;

        Session(String url) throws IOException {
            process = new ProcessBuilder("node", "session.mjs", url)
                    .directory(Path.of(System.getProperty("basedir", "."), "target/devtools")
                            .toFile())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            out = process.inputReader(StandardCharsets.UTF_8);
            in = process.outputWriter(StandardCharsets.UTF_8);
            assertThat(out.readLine()).contains("ready");
        }

        /** The page that was opened at first answers, and nobody has connected anew. */
        void answers() throws IOException {
            int number = ++asked;
            in.write("6 * 7 + " + number + "\n");
            in.flush();
            String line = out.readLine();
            assertThat(line).as("the session is over").isNotNull();
            JsonNode said = Rest.JSON.readTree(line);
            assertThat(said.path("answer").asInt()).isEqualTo(42 + number);
            assertThat(said.path("lines").asInt()).isEqualTo(number);
            assertThat(said.path("connections").asInt()).isEqualTo(1);
        }

        @Override
        public void close() throws IOException {
            in.close();
            process.destroy();
        }
    }

    @Test
    void machinesAndSessionsLiveThroughIt() throws Exception {
        Cluster cluster = machines.cluster();
        long pid = machines.browser("web", Map.of()).path("pid").asLong();
        cluster.rest()
                .post("/pools", Map.of("name", "web", "snapshot", "blank", "warm", 0, "most", 2))
                .expect(201);
        String pooled = pooled();
        try (Daemon proxy = machines.proxy("web");
                Session session = new Session(proxy.ready().path("url").asString())) {
            session.answers();
            for (String bundle : REPLACED) {
                List<Rest.Answer> answers = new ArrayList<>();
                Thread asking = Thread.ofVirtual().start(() -> ask(answers));
                replace(bundle);
                session.answers();
                assertThat(pooled()).as("the pool's session").isEqualTo(pooled);
                asking.interrupt();
                asking.join();
                assertThat(answers).as(bundle).isNotEmpty().allSatisfy(answer -> {
                    assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
                    assertThat(answer.body().path("pid").asLong()).isEqualTo(pid);
                });
                report.add("%s: %d requests meanwhile, each answered; vm web is process %d as before"
                        .formatted(bundle, answers.size(), pid));
                assertThat(machines.await("web", "ready").path("pid").asLong()).isEqualTo(pid);

                // The new one holds what the old one held: it stops, goes on, makes others, and sees ends.
                assertThat(machines.turn("web", "pause")).isEqualTo("paused");
                assertThat(machines.turn("web", "resume")).isEqualTo("running");
                machines.await("web", "ready");
                session.answers();
                long crashing = machines.create("other").expect(201).path("pid").asLong();
                replace(bundle);
                ProcessHandle.of(crashing).orElseThrow().destroyForcibly();
                machines.await("other", "crashed");
                assertThat(machines.turn("other", "start")).isEqualTo("running");
                assertThat(machines.turn("other", "stop")).isEqualTo("stopped");
                machines.delete("other").expect(204);
                session.answers();
            }

            // Asked of the old one, answered by whichever finishes it.
            Thread[] creating = new Thread[1];
            int[] status = new int[1];
            creating[0] = Thread.ofVirtual().start(() -> {
                try {
                    status[0] = cluster.rest()
                            .post("/vms", Map.of("name", "third", "cpu_cores", 1, "memory_mb", 512))
                            .status();
                } catch (IOException | InterruptedException e) {
                    status[0] = -1;
                }
            });
            replace("dev.viber.supervisor");
            creating[0].join();
            assertThat(status[0]).isEqualTo(201);
            assertThat(machines.vm("third").path("status").asString()).isEqualTo("running");
            session.answers();
        }
        cluster.rest().send("DELETE", "/pools/web", null, Map.of()).expect(204);
        cluster.rest().send("DELETE", "/snapshots/blank", null, Map.of()).expect(204);
        assertThat(machines.turn("web", "stop")).isEqualTo("stopped");
        assertThat(Machines.isDead(pid)).isTrue();
        machines.delete("web").expect(204);
        machines.delete("third").expect(204);
        assertThat(new HostOracle(cluster.gatewayState()).faults()).isEmpty();
        assertThat(machines.left()).isEmpty();
    }

    /** The VM of the one session of the pool, which answers; begun where it is not there. */
    private String pooled() throws Exception {
        Rest rest = machines.cluster().rest();
        String vm = rest.post("/pools/web/acquire", Map.of("id", "kept", "patience_s", 240))
                .expect(201)
                .path("vm")
                .asString();
        rest.post("/vms/" + vm + "/agent/v1/script/evaluate", Map.of("expression", "6 * 7"))
                .expect(200);
        return vm;
    }

    /** One request after the other until interrupted. */
    private void ask(List<Rest.Answer> answers) {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                answers.add(machines.cluster().rest().get("/vms/web"));
            }
        } catch (IOException e) {
            answers.add(new Rest.Answer(-1, null, e.toString()));
        } catch (InterruptedException e) {
            // Enough was asked.
        }
    }

    private void replace(String symbolicName) throws IOException {
        Listed before = shell.bundle(symbolicName);
        String version = "0.1." + ++versions;
        Path newer = Jars.copy(Jars.ofDistribution(symbolicName), dir.resolve("jars"), version, Map.of());
        Instant modified = modified(before.id());
        long begun = System.nanoTime();
        List<String> said = shell.run("update " + before.id() + " " + newer.toUri());
        long took = (System.nanoTime() - begun) / 1_000_000;
        Listed after = shell.bundle(symbolicName);
        assertThat(after.id()).isEqualTo(before.id());
        assertThat(after.state()).as(said.toString()).isEqualTo("Active");
        assertThat(after.row()).contains(version);
        assertThat(modified(after.id())).isAfter(modified);
        report.add("before: %s, modified %s%nafter:  %s, modified %s%nupdate took %d ms"
                .formatted(before.row().strip(), modified, after.row().strip(), modified(before.id()), took));
    }

    /** When the bundle was modified last, as its framework tells. */
    private Instant modified(int id) throws IOException {
        String said = String.join("", shell.run("($.context getBundle " + id + ") lastModified"));
        return Instant.ofEpochMilli(Long.parseLong(said.strip()));
    }
}
