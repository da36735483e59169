package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** The first Viper's paths and shapes, asked for as its own programs do, at the listener without credentials. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
class VmFirstViperIT {
    @TempDir
    Path dir;

    private Machines machines;
    private FirstViper viper;

    @BeforeEach
    void start() throws Exception {
        machines = new Machines(dir, Probe.images(dir));
        JsonNode ready = machines.cluster()
                .with("VIBER_HTTP_LEGACY_LISTEN", "127.0.0.1:0")
                .startGateway();
        viper = new FirstViper(ready.path("legacy").asString());
    }

    @AfterEach
    void stop() throws Exception {
        viper.close();
        machines.close();
    }

    private static Map<String, Object> object(String line) {
        return Rest.JSON.readValue(line, new TypeReference<Map<String, Object>>() {});
    }

    @Test
    void vmsAreMadeShownAndRemovedInItsShapes() throws Exception {
        assertThat(viper.json("GET", "/healthz", null, 200).path("status").asString())
                .isEqualTo("ok");
        assertThat(viper.json("GET", "/api/v1/vms", null, 200).toString()).isEqualTo("[]");
        JsonNode made = viper.json("POST", "/api/v1/vms", "{\"name\":\"old-1\",\"cpu_cores\":1,\"memory_mb\":64}", 201);
        assertThat(made.path("id").isIntegralNumber()).isTrue();
        assertThat(made.path("pid").isIntegralNumber()).isTrue();
        assertThat(made.path("status").asString()).isEqualTo("running");
        assertThat(made.path("ip_address").asString()).startsWith("192.168.127.");
        JsonNode list = viper.json("GET", "/api/v1/vms", null, 200);
        assertThat(list.isArray()).isTrue();
        assertThat(list.get(0).path("name").asString()).isEqualTo("old-1");
        JsonNode status = viper.json("GET", "/api/v1/system/status", null, 200);
        assertThat(status.path("vm_count").asInt()).isEqualTo(1);
        assertThat(status.path("cpu_percent").isNumber()).isTrue();
        assertThat(status.path("mem_percent").isNumber()).isTrue();
        assertThat(viper.json("GET", "/api/v1/vms/old-1", null, 200)
                        .path("kernel_cmdline")
                        .asString())
                .isNotBlank();
        for (int wanted : List.of(404, 409)) {
            JsonNode refused = wanted == 404
                    ? viper.json("GET", "/api/v1/vms/none", null, 404)
                    : viper.json("POST", "/api/v1/vms", "{\"name\":\"old-1\",\"cpu_cores\":1,\"memory_mb\":64}", 409);
            assertThat(refused.path("error").isString()).isTrue();
        }
        HttpResponse<String> gone = viper.send("DELETE", "/api/v1/vms/old-1", null);
        assertThat(gone.statusCode()).isEqualTo(204);
        assertThat(gone.body()).isEmpty();
    }

    @Test
    void eventsHaveItsTypesAndComeAgainFromAPlace() throws Exception {
        FirstViper.Socket frames = viper.socket("/ws/v1/agui");
        String first = "";
        List<String> types = new ArrayList<>();
        try (Stream<String> stream = viper.events(null)) {
            Iterator<String> lines = stream.iterator();
            assertThat(lines.next()).as("at once").isEqualTo(":");
            viper.json("POST", "/api/v1/vms", "{\"name\":\"told\",\"cpu_cores\":1,\"memory_mb\":64}", 201);
            viper.json("DELETE", "/api/v1/vms/told", null, 204);
            String event = "";
            while (!types.contains("VM_DELETED")) {
                String line = lines.next();
                if (line.startsWith("id: ") && first.isEmpty()) {
                    first = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    event = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    Map<String, Object> told = object(line.substring(6));
                    assertThat(told)
                            .containsEntry("type", event)
                            .containsEntry("name", "told")
                            .containsKeys("status", "timestamp", "message", "ip_address", "mac_address");
                    types.add(event);
                }
            }
        }
        assertThat(types).containsExactly("VM_CREATED", "VM_RUNNING", "VM_DELETED");
        try (Stream<String> stream = viper.events(first)) {
            assertThat(stream.filter(line -> line.startsWith("event: ")).findFirst())
                    .contains("event: VM_RUNNING");
        }
        assertThat(object(frames.next()))
                .isEqualTo(Map.of("type", "run_started", "id", "told", "name", "VM told started"));
        assertThat(object(frames.next())).isEqualTo(Map.of("type", "text", "text", "VM told is running"));
        assertThat(object(frames.next())).isEqualTo(Map.of("type", "run_finished", "output", "VM told deleted"));
        frames.close();
    }

    @Test
    void commandsAreAnsweredWith200WhateverComesOfThem() throws Exception {
        JsonNode known = command("{\"command\":\"viper.system.get_capabilities\"}");
        List<String> names = new ArrayList<>();
        known.at("/result/capabilities")
                .forEach(each -> names.add(each.path("name").asString()));
        assertThat(names).containsExactly("viper.vms.create", "viper.vms.list");
        assertThat(command("{\"command\":\"viper.vms.create\",\"params\":{}}")
                        .path("error")
                        .asString())
                .isEqualTo("name param required");
        JsonNode made = command(
                "{\"command\":\"viper.vms.create\",\"params\":{\"name\":\"cmd\",\"cpu_cores\":1,\"memory_mb\":64}}");
        assertThat(made.at("/result/memory_mb").asInt()).isEqualTo(64);
        assertThat(made.has("error")).isFalse();
        assertThat(command("{\"command\":\"viper.vms.list\"}")
                        .at("/result/0/status")
                        .asString())
                .isEqualTo("running");
        JsonNode again = command("{\"command\":\"viper.vms.create\",\"params\":{\"name\":\"cmd\"}}");
        assertThat(again.path("result").isNull()).isTrue();
        assertThat(again.path("error").asString()).contains("cmd already");
        assertThat(command("{\"command\":\"nothing\"}").path("error").asString())
                .startsWith("unknown command: nothing");
        assertThat(viper.send("POST", "/api/v1/mcp", "{").statusCode()).isEqualTo(400);
        assertThat(audited()).contains("createVm cmd done legacy-listen", "createVm cmd failed legacy-listen");
    }

    private JsonNode command(String body) throws Exception {
        return viper.json("POST", "/api/v1/mcp", body, 200);
    }

    private List<String> audited() throws Exception {
        List<String> deeds = new ArrayList<>();
        machines.cluster()
                .rest()
                .get("/audit?limit=1000")
                .expect(200)
                .path("items")
                .forEach(deed -> deeds.add("%s %s %s %s"
                        .formatted(
                                deed.path("action").asString(),
                                deed.path("target").asString(),
                                deed.path("outcome").asString(),
                                deed.path("tokenId").asString())));
        return deeds;
    }

    @Test
    void logsOfWhatIsNotThereAreClosedAsItDid() throws Exception {
        assertThat(viper.socket("/ws/v1/vms/none/logs").next()).isEqualTo("closed 1000");
        viper.json("POST", "/api/v1/vms", "{\"name\":\"mute\",\"cpu_cores\":1,\"memory_mb\":64}", 201);
        // Its guest has no network, and so no agent.
        assertThat(viper.socket("/ws/v1/vms/mute/logs").next()).isEqualTo("closed 1013");
        machines.turn("mute", "stop");
        assertThat(viper.socket("/ws/v1/vms/mute/logs").next()).isEqualTo("closed 1013");
        JsonNode refused = viper.json("GET", "/api/v1/vms/mute/agent/healthz", null, 409);
        assertThat(refused.path("error").asString()).contains("mute is stopped");
    }

    @Test
    void nothingElseIsServedThereAndNoBrowser() throws Exception {
        machines.create("kept").expect(201);
        for (String path : List.of(
                "GET /api/v1/tasks",
                "GET /api/v1/tokens",
                "POST /api/v1/tokens",
                "GET /api/v1/audit",
                "POST /api/v1/vms/kept/stop",
                "GET /api/v1/vms/kept/logs",
                "GET /api/v1/vms/kept/devtools/json/version",
                "GET /api/v1/vms/../tokens",
                "GET /api/v1/tokens/../vms",
                "GET /api/v1/vms/kept/agent/..%2f..%2f..%2ftokens",
                "GET /api/v1/vms/kept;/agent/healthz",
                "GET /metrics",
                "GET /vibers/ws",
                "GET /device")) {
            String[] words = path.split(" ", 2);
            assertThat(viper.send(words[0], words[1], null).statusCode())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(viper.send("GET", "/api/v1/vms", null, "Origin", "http://127.0.0.1:1")
                        .statusCode())
                .isEqualTo(403);
        assertThat(viper.send("GET", "/api/v1/vms", null, "Sec-Fetch-Site", "cross-site")
                        .statusCode())
                .isEqualTo(403);
        // A token makes no difference there, and none is still asked for at the other listener.
        assertThat(viper.send("GET", "/api/v1/tasks", null, "Authorization", "Bearer " + machines.token())
                        .statusCode())
                .isEqualTo(404);
        try (FirstViper other =
                new FirstViper("http://127.0.0.1:" + machines.cluster().port())) {
            assertThat(other.send("GET", "/api/v1/vms", null).statusCode()).isEqualTo(401);
            assertThatThrownBy(() -> other.socket("/ws/v1/agui")).rootCause().hasMessageContaining("401");
        }
    }

    @Test
    void theListenerIsForLoopbackAlone() throws Exception {
        for (String where : List.of("0.0.0.0:7778", "192.168.127.1:7778", "nonsense")) {
            List<String> words = Daemon.viber(
                    "server",
                    "--legacy-listen",
                    where,
                    "--state",
                    dir.resolve("other").toString());
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isEqualTo(2);
            assertThat(said).contains("--legacy-listen is '" + where + "'", "of loopback");
        }
        machines.cluster().killGateway();
        machines.cluster().with("VIBER_HTTP_LEGACY_LISTEN", "0.0.0.0:0");
        assertThatThrownBy(() -> machines.cluster().startGateway())
                .hasMessageContaining("legacy.listen is '0.0.0.0:0'");
        machines.cluster().with("VIBER_HTTP_LEGACY_LISTEN", "").startGateway();
    }
}
