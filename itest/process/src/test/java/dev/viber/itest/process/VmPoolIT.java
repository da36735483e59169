package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Browsers from a pool: taken in the order of asking, given back, found again, replaced, and never left over. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class VmPoolIT {

    @TempDir
    Path dir;

    private Machines machines;
    private final List<String> report = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        machines = Machines.withBlank(dir);
        machines.cluster().startGateway();
    }

    @AfterEach
    void stop() throws Exception {
        report.forEach(System.out::println);
        Files.write(Path.of(System.getProperty("basedir", "."), "target", "vm-pool-report.txt"), report);
        machines.close();
    }

    private Rest rest() throws Exception {
        return machines.cluster().rest();
    }

    private JsonNode pool(Predicate<JsonNode> wanted) throws InterruptedException {
        return machines.pool("web", wanted);
    }

    private String acquire(String id, Map<String, Object> more) throws Exception {
        Map<String, Object> body = new java.util.HashMap<>(more);
        body.put("id", id);
        return rest().post("/pools/web/acquire", body).expect(201).path("vm").asString();
    }

    private void answers(String vm) throws Exception {
        assertThat(rest().post("/vms/" + vm + "/agent/v1/script/evaluate", Map.of("expression", "6 * 7"))
                        .expect(200)
                        .path("result")
                        .asInt())
                .isEqualTo(42);
    }

    @Test
    void browsersAreTakenInOrderGivenBackFoundAgainAndReplaced() throws Exception {
        assertThat(rest().post("/pools", Map.of("name", "web", "snapshot", "nothing"))
                        .status())
                .isEqualTo(404);
        assertThat(rest().post("/pools", Map.of("name", "web", "snapshot", "blank", "warm", 3, "most", 2))
                        .expect(422)
                        .path("detail")
                        .asString())
                .contains("warm is 3, most 2");
        rest().post("/pools", Map.of("name", "web", "snapshot", "blank", "warm", 1, "most", 2, "standby_s", 3))
                .expect(201);
        pool(seen -> seen.path("ready").asInt() == 1);
        // A browser that nobody uses stands by; it is ready all the same, and wakes when it is taken.
        machines.await(machines.all().getFirst().path("name").asString(), "standby");
        pool(seen -> seen.path("ready").asInt() == 1);

        long begin = System.nanoTime();
        String first = acquire("a", Map.of());
        report.add("a warm browser: %.0f ms (emulated)".formatted((System.nanoTime() - begin) / 1e6));
        answers(first);
        assertThat(acquire("a", Map.of())).as("asked again").isEqualTo(first);
        String second = acquire("b", Map.of("patience_s", 240));
        assertThat(second).isNotEqualTo(first);

        // Full: who comes next waits, at a place that is shown, and not for ever.
        Thread third = Thread.ofVirtual().start(() -> {
            try {
                acquire("c", Map.of("patience_s", 240));
            } catch (Exception | AssertionError e) {
                // its server is killed under it
            }
        });
        JsonNode waiting =
                pool(seen -> seen.path("queue").size() == 1).path("queue").path(0);
        assertThat(waiting.path("id").asString()).isEqualTo("c");
        assertThat(waiting.path("place").asInt()).isEqualTo(1);
        assertThat(rest().post("/pools/web/acquire", Map.of("id", "d", "patience_s", 1))
                        .expect(503)
                        .path("detail")
                        .asString())
                .contains("no browser of pool web came free within 1 s");

        machines.cluster().killGateway();
        third.join();
        machines.cluster().startGateway();
        pool(seen -> seen.path("sessions").size() == 2);
        assertThat(acquire("a", Map.of())).as("found again").isEqualTo(first);
        answers(first);

        // Given back, its VM is gone; the next one is another, and its time is bounded.
        rest().post("/pools/web/release", Map.of("id", "a")).expect(200);
        assertThat(rest().get("/vms/" + first).status()).isEqualTo(404);
        assertThat(rest().post("/pools/web/release", Map.of("id", "a")).status())
                .isEqualTo(404);
        String bounded = acquire("short", Map.of("limit_s", 2, "patience_s", 240));
        assertThat(bounded).isNotIn(first, second);
        pool(seen -> seen.path("sessions").size() == 1);

        // One whose machine dies is over, and another takes its place.
        long pid = machines.vm(second).path("pid").asLong();
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();
        pool(seen -> seen.path("sessions").isEmpty() && seen.path("ready").asInt() == 1);

        examples();

        rest().send("DELETE", "/pools/web", null, Map.of()).expect(204);
        assertThat(machines.all()).isEmpty();
        assertThat(machines.left()).isEmpty();
    }

    /** The programs of {@code docs/browsers.md}, as they are. */
    private void examples() throws Exception {
        Path docs = Path.of(System.getProperty("basedir", ".")).resolve("../../docs/examples");
        // Below the folder with the clients that npm has installed.
        Path folder = Files.createDirectories(
                Path.of(System.getProperty("basedir", ".")).resolve("target/devtools/examples"));
        String page = "data:text/html,<title>an%20example</title>";
        for (String name : List.of("playwright.mjs", "puppeteer.mjs", "browser.sh")) {
            Path program = folder.resolve(name);
            Files.copy(docs.resolve(name), program, StandardCopyOption.REPLACE_EXISTING);
            String picture = name.equals("browser.sh") ? "rest.png" : name.replace(".mjs", ".png");
            Files.deleteIfExists(folder.resolve(picture));
            ProcessBuilder builder = new ProcessBuilder(name.endsWith(".sh") ? "sh" : "node", program.toString(), page)
                    .directory(folder.toFile())
                    .redirectErrorStream(true);
            builder.environment()
                    .putAll(Map.of("VIPER_API", machines.cluster().api(), "VIPER_TOKEN", machines.token()));
            Process process = builder.start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            assertThat(said.strip()).as(name).isEqualTo("an example");
            assertThat(ImageIO.read(folder.resolve(picture).toFile()))
                    .as(picture)
                    .isNotNull();
            pool(seen -> seen.path("sessions").isEmpty());
        }
    }
}
