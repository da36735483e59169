package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
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

/** Real guests under a real hypervisor, in a network namespace of the test's own; run with {@code -Pvm}. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 25, unit = TimeUnit.MINUTES)
class VmIT {
    @TempDir
    Path dir;

    private Machines machines;
    private Cluster cluster;
    private String legacy;

    @BeforeEach
    void start() throws Exception {
        machines = new Machines(dir, System.getProperty("vm.images"));
        cluster = machines.cluster().with("VIBER_HTTP_LEGACY_LISTEN", "127.0.0.1:0");
        legacy = cluster.startGateway().path("legacy").asString();
    }

    @AfterEach
    void stop() throws Exception {
        machines.close();
    }

    @Test
    void aBrowserIsDrivenAndOutlivesTheServer() throws Exception {
        JsonNode made = machines.create("web-1").expect(201);
        assertThat(made.path("status").asString()).isEqualTo("running");
        assertThat(made.path("mac_address").asString()).isEqualTo("0a:58:c0:a8:7f:02");
        JsonNode ready = machines.await("web-1", "ready");
        assertThat(ready.path("guest").path("browser").asString()).startsWith("HeadlessChrome/");

        try (Daemon proxy = machines.proxy("web-1")) {
            String url = proxy.ready().path("url").asString();
            assertThat(Machines.node("playwright.mjs", url).path("answer").asString())
                    .isEqualTo("42");
            String socket = cluster.rest()
                    .get("/vms/web-1/devtools/json/version/")
                    .expect(200)
                    .path("webSocketDebuggerUrl")
                    .asString();
            assertThat(Machines.node("puppeteer.mjs", url, socket, machines.token())
                            .path("answers")
                            .toString())
                    .isEqualTo("[\"two\",\"two\"]");
            JsonNode evaluated = cluster.rest()
                    .post("/vms/web-1/agent/v1/script/evaluate", Map.of("expression", "6 * 7"))
                    .expect(200);
            assertThat(evaluated.path("result").asInt()).isEqualTo(42);
        }

        assertThat(machines.vms("logs", "web-1")).contains("viper-init: the agent is ready");
        assertThat(machines.vms("logs", "web-1", "--agent")).contains("[agent] POST /v1/script/evaluate: done in");
        try (Daemon follower = machines.vmsDaemon("logs", "web-1", "--agent", "--follow", "--json")) {
            // What was there first, and then what comes.
            for (String wanted : List.of("/v1/script/evaluate: done", "/v1/browser/reload: started")) {
                if (wanted.contains("reload")) {
                    cluster.rest()
                            .post("/vms/web-1/agent/v1/browser/reload", Map.of())
                            .expect(200);
                }
                JsonNode line = follower.line();
                while (!line.path("line").asString().contains(wanted)) {
                    line = follower.line();
                }
                assertThat(line.path("stream").asString()).isEqualTo("agent");
            }
        }
        firstViper();
        assertThat(audited())
                .contains("vmAgent web-1/v1/script/evaluate done", "vmAgent web-1/v1/browser/reload done")
                .anyMatch(deed -> deed.startsWith("vmDevTools web-1/browser/") && deed.endsWith(" done"));

        long pid = ready.path("pid").asLong();
        cluster.killGateway();
        assertThat(ProcessHandle.of(pid)).isPresent();
        cluster.startGateway();
        assertThat(machines.await("web-1", "ready").path("pid").asLong())
                .as("adopted")
                .isEqualTo(pid);
        try (Daemon proxy = machines.proxy("web-1")) {
            assertThat(Machines.node("playwright.mjs", proxy.ready().path("url").asString())
                            .path("answer")
                            .asString())
                    .isEqualTo("42");
        }

        assertThat(machines.turn("web-1", "pause")).isEqualTo("paused");
        assertThat(machines.vms("resume", "web-1", "--wait")).contains("VM web-1 is ready");
        assertThat(machines.turn("web-1", "stop")).isEqualTo("stopped");
        assertThat(Machines.isDead(pid)).isTrue();
        // What the agent tells is kept in its guest.
        assertThat(cluster.rest()
                        .get("/vms/web-1/logs?source=agent")
                        .expect(409)
                        .path("error")
                        .asString())
                .contains("web-1 is stopped");
        assertThat(machines.turn("web-1", "start")).isEqualTo("running");

        // A crash is seen, and told with what the console said last.
        long second = machines.vm("web-1").path("pid").asLong();
        ProcessHandle.of(second).orElseThrow().destroyForcibly();
        assertThat(machines.await("web-1", "crashed").path("error").asString()).contains("its process ended");

        machines.delete("web-1").expect(204);
        assertThat(cluster.rest().get("/vms/web-1").status()).isEqualTo(404);
        assertThat(machines.left()).isEmpty();
    }

    /** What the first Viper's command line and its dashboard ask of a guest, in their order. */
    private void firstViper() throws Exception {
        try (FirstViper viper = new FirstViper(legacy)) {
            JsonNode facts = viper.json("GET", "/api/v1/vms/web-1/agent/v1/devtools", null, 200);
            assertThat(facts.path("browser_version").asString()).startsWith("HeadlessChrome/");
            JsonNode version = viper.json("GET", "/api/v1/vms/web-1/agent/json/version", null, 200);
            String path =
                    URI.create(version.path("webSocketDebuggerUrl").asString()).getPath();
            String own = path.substring(path.lastIndexOf("/devtools/"));
            // Its proxy put the path it was told behind its own: doubled where that was Chrome's.
            for (String asked : List.of(own, path)) {
                FirstViper.Socket socket = viper.socket("/ws/v1/vms/web-1/devtools" + asked);
                socket.send("{\"id\":7,\"method\":\"Browser.getVersion\"}");
                assertThat(Rest.JSON.readTree(socket.next()).path("id").asInt()).isEqualTo(7);
                socket.close();
            }
            FirstViper.Socket logs = viper.socket("/ws/v1/vms/web-1/logs");
            JsonNode line = Rest.JSON.readTree(logs.next());
            assertThat(line.propertyNames()).containsExactly("name", "stream", "line", "timestamp");
            assertThat(line.path("name").asString()).isEqualTo("web-1");
            while (!line.path("line").asString().contains("/v1/script/evaluate: done")) {
                line = Rest.JSON.readTree(logs.next());
            }
            viper.json("POST", "/api/v1/vms/web-1/agent/v1/browser/reload", "{}", 200);
            while (!line.path("line").asString().contains("/v1/browser/reload: done")) {
                line = Rest.JSON.readTree(logs.next());
            }
            logs.close();
        }
    }

    private List<String> audited() throws Exception {
        List<String> deeds = new ArrayList<>();
        cluster.rest()
                .get("/audit?limit=1000")
                .expect(200)
                .path("items")
                .forEach(deed -> deeds.add("%s %s %s"
                        .formatted(
                                deed.path("action").asString(),
                                deed.path("target").asString(),
                                deed.path("outcome").asString())));
        return deeds;
    }

    @Test
    void aGuestThatIsNotReadyInTimeIsGivenUp() throws Exception {
        cluster.killGateway();
        cluster.with("VIBER_SUPERVISOR_READY_MS", "1000").startGateway();
        machines.create("slow").expect(201);
        assertThat(machines.await("slow", "failed").path("error").asString())
                .contains("did not announce itself within 1 s");
        assertThat(machines.left()).isEmpty();
        assertThat(machines.turn("slow", "start")).isEqualTo("running");
    }

    @Test
    void whatSetupDoesIsUndone() throws Exception {
        List<String> common = List.of(
                "--no-image", "--no-server", "--state", dir.resolve("setup").toString());
        Machines.viper("setup", common, "--remove"); // what another test's server has made
        String before = host();
        assertThat(Machines.viper("setup", common, "--dry-run")).contains("ip link add viperbr0", "nft -f -");
        assertThat(host()).isEqualTo(before);
        Machines.viper("setup", common);
        Machines.viper("setup", common);
        assertThat(host()).contains("viperbr0", "192.168.127.1/24");
        Machines.viper("setup", common, "--remove");
        assertThat(host()).isEqualTo(before);
    }

    private static String host() throws IOException, InterruptedException {
        return Machines.said(List.of("ip", "-o", "addr"))
                + Machines.said(List.of("ip", "-o", "link"))
                + Machines.said(List.of("nft", "list", "ruleset"))
                + Files.readString(Path.of("/proc/sys/net/ipv4/ip_forward"));
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
                Map.of("name", "ok", "egress", List.of("10.0.0.1:0")),
                Map.of("name", "ok", "hypervisor", "none"))) {
            Rest.Answer answer = cluster.rest().post("/vms", wrong);
            assertThat(answer.status()).as(wrong + ": " + answer).isBetween(400, 503);
            assertThat(answer.body().path("error").asString()).isNotBlank();
        }
        for (JsonNode vm : machines.all()) {
            // Refused only when its hypervisor was looked for: it says why, and can be deleted.
            assertThat(vm.path("phase").asString()).isEqualTo("failed");
            assertThat(vm.path("error").asString()).contains("none");
        }
    }
}
