package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A guest's browser as a person sees it in a Chromium of this machine, takes it over, and hands it back. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class VmLiveIT {
    private static final Path TARGET =
            Path.of(System.getProperty("basedir", ".")).toAbsolutePath().resolve("target");
    private static final int LONGEST_GRACE_MS = 3_000;

    @TempDir
    Path dir;

    private Machines machines;
    private final List<String> report = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        machines = Machines.withBlank(dir);
        machines.cluster()
                .with("VIBER_LIVE_VIEW_GRACE_MS", Integer.toString(LONGEST_GRACE_MS))
                .startGateway();
    }

    @AfterEach
    void stop() throws Exception {
        report.forEach(System.out::println);
        Files.write(TARGET.resolve("vm-live-report.txt"), report);
        machines.close();
    }

    @Test
    void aPersonWatchesTakesOverAndHandsBack() throws Exception {
        Cluster cluster = machines.cluster();
        String accelerator =
                machines.browser("live", Map.of()).path("accelerator").asString();
        String viewer = cluster.rest()
                .post("/tokens", Map.of("role", "viewer", "name", "Vera"))
                .expect(201)
                .path("token")
                .asString();

        JsonNode seen = Machines.node(
                "live.mjs",
                Map.of("OWNER_TOKEN", machines.token(), "VIEWER_TOKEN", viewer),
                Browser.chromium(),
                cluster.api(),
                "live",
                TARGET.toString());

        assertThat(seen.path("redirected").asString()).endsWith("/live/live");
        assertThat(seen.path("addressWithoutTicket").asString()).endsWith("/live/live");
        assertThat(seen.path("usedTicket").asInt()).isEqualTo(401);
        assertThat(seen.path("noTicket").asInt()).isEqualTo(401);
        assertThat(seen.path("byHeader").asInt()).isEqualTo(101);
        assertThat(seen.path("controlByViewer").asInt()).isEqualTo(403);
        assertThat(seen.path("badMode").asInt()).isEqualTo(422);
        assertThat(seen.path("viewerControl").asInt()).isEqualTo(403);
        assertThat(seen.path("watcherHasWheel").asBoolean()).isFalse();

        assertThat(seen.path("answeredWhileDriven").asBoolean())
                .as("the task waits")
                .isFalse();
        assertThat(seen.path("task").path("status").asInt()).isEqualTo(200);
        assertThat(seen.path("task").path("result").asString())
                .as("typed, pasted and clicked by the person, seen by the task")
                .isEqualTo("Hello 7 pästed:10");
        assertThat(seen.path("driverTold").asString()).endsWith(" drives");
        assertThat(seen.path("othersSee").asString()).isEqualTo("string false");
        assertThat(seen.path("takenAlready").asString()).contains("drives this browser");
        assertThat(seen.path("notTheDriver").asString()).contains("drives this browser");
        assertThat(seen.path("watcherTakes").asString()).contains("watches only");
        assertThat(texts(seen.path("badMessages")))
                .satisfiesExactly(
                        one -> assertThat(one).contains("not JSON"),
                        one -> assertThat(one).contains("no JSON object"),
                        one -> assertThat(one).contains("type is 'fly'; wanted one of"),
                        one -> assertThat(one).contains("x is \"a\"; wanted a number"),
                        one -> assertThat(one).contains("scheme 'file'"));
        assertThat(seen.path("ownCall").asInt()).as("with the driver's key").isEqualTo(200);
        JsonNode left = seen.path("afterLeaving");
        assertThat(left.path("status").asInt()).isEqualTo(200);
        assertThat(left.path("ms").asInt())
                .isGreaterThanOrEqualTo(left.path("grace").asInt());

        JsonNode two = seen.path("two");
        // By how much is the machine's: a guest that is emulated beside other work draws two pictures a second.
        assertThat(two.path("fast").asInt()).isGreaterThan(two.path("slow").asInt());
        assertThat(two.path("slow").asInt()).isPositive();
        assertThat(two.path("shared").asInt())
                .as("every picture of the slow one is one of the stream")
                .isEqualTo(two.path("ofSlow").asInt());
        assertThat(seen.path("levels").path("down").asInt()).isGreaterThanOrEqualTo(3);
        assertThat(seen.path("levels").path("up").asInt())
                .isLessThan(seen.path("levels").path("down").asInt());

        assertThat(seen.path("agentFollows").asBoolean()).isTrue();
        assertThat(seen.path("noSuchTab").asString()).contains("no tab 'none'");
        assertThat(seen.path("restart").asInt()).isEqualTo(200);
        assertThat(texts(seen.path("states")))
                .anyMatch(one -> one.startsWith("away: "))
                .last()
                .isEqualTo("live: ");
        assertThat(seen.path("violations")).isEmpty();
        assertThat(seen.path("complaints")).isEmpty();
        assertThat(journaled(2, "taken", "handed-back"))
                .satisfiesExactly(
                        one -> assertThat(one).contains("drives the browser"),
                        one -> assertThat(one).contains("released"),
                        one -> assertThat(one).contains("drives the browser"),
                        one -> assertThat(one).contains("the driver left"));

        report.add("VM under %s%s, host and VM on the same two processors"
                .formatted(accelerator, accelerator.equals("kvm") ? "" : " (emulated: no figure of a real machine)"));
        List<Integer> latencies = new ArrayList<>();
        seen.path("latencies").forEach(one -> latencies.add(one.asInt()));
        latencies.sort(null);
        report.add("input to changed picture, by the clock of the viewer's page: median %d ms, least %d, most %d of %d"
                .formatted(
                        latencies.get(latencies.size() / 2),
                        latencies.getFirst(),
                        latencies.getLast(),
                        latencies.size()));
        report.add("a page that moves all the time, %s: %s pictures a second, %d bytes each, %d bytes a second"
                .formatted(
                        two.path("size").asString(),
                        two.path("fps").asString(),
                        two.path("frameBytes").asInt(),
                        two.path("fastBytesPerSecond").asInt()));
        report.add("beside it a viewer who takes 8 s for each: %d pictures in the time of %d, %d bytes a second"
                .formatted(
                        two.path("slow").asInt(),
                        two.path("fast").asInt(),
                        two.path("slowBytesPerSecond").asInt()));
        report.add("a task's call is answered %d ms after the hand-back"
                .formatted(seen.path("task").path("ms").asInt()));
        report.add("from Chrome's end to its next picture %d ms, from the VM's restart %d ms"
                .formatted(
                        seen.path("chromeHealedMs").asInt(),
                        seen.path("vmBackMs").asInt()));

        String told = Machines.viper(
                "vms",
                List.of(
                        "live",
                        "live",
                        "--control",
                        "--no-open",
                        "--server",
                        cluster.api(),
                        "--state",
                        cluster.gatewayState().toString()));
        assertThat(told.strip()).matches("http://127\\.0\\.0\\.1:\\d+/live/live#ticket=[\\w-]{32}");

        // Nobody waits for ever.
        cluster.killGateway();
        cluster.with("VIBER_LIVE_VIEW_WAIT_MS", "1000").startGateway();
        machines.await("live", "ready");
        JsonNode refused = Machines.node("wheel.mjs", Map.of("OWNER_TOKEN", machines.token()), cluster.api(), "live");
        assertThat(refused.path("status").asInt()).isEqualTo(423);
        assertThat(refused.path("detail").asString()).contains("drives the browser of live since");
        assertThat(refused.path("health").asInt()).as("which only looks").isEqualTo(200);
        assertThat(refused.path("devtools").asInt()).isEqualTo(423);
        assertThat(refused.path("held").asBoolean())
                .as("an open session of DevTools stands still")
                .isTrue();
        assertThat(refused.path("answer").asInt()).isEqualTo(42);
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asString)
                .toList();
    }

    /** The messages of the VM's events of these kinds, from the journal; so many of each. */
    private List<String> journaled(int each, String... kinds) throws Exception {
        List<String> found = new ArrayList<>();
        HttpResponse<InputStream> stream = machines.cluster().rest().stream("/events?topic=vm/live", "0");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
            while (found.size() < each * kinds.length) {
                String line = lines.readLine();
                if (line.startsWith("data: ")) {
                    JsonNode event = Rest.JSON.readTree(line.substring(6));
                    String type = event.path("type").asString();
                    if (List.of(kinds).contains(type.substring(type.lastIndexOf('.') + 1))) {
                        found.add(event.path("data").path("message").asString());
                    }
                }
            }
        }
        return found;
    }
}
