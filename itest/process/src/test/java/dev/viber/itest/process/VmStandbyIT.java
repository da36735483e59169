package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.guest.Pages;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A browser that nobody uses stands by, costs no processor, and is back with its page on the first byte. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class VmStandbyIT {
    private static final String HOST = "192.168.127.1";
    private static final long PATIENCE = Duration.ofMinutes(4).toNanos();
    private static final int STANDBY_S = 2;
    private static final int AT_ONCE = 8;

    @TempDir
    Path dir;

    private Machines machines;
    private Pages pages;
    private final Random random = new Random(Seed.get());
    private final List<String> report = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        pages = new Pages(InetAddress.getByName("0.0.0.0"), HOST, HOST, 0);
        machines = Machines.withBlank(dir);
        machines.cluster().startGateway();
        machines.browser("web", Map.of("standby_s", STANDBY_S, "egress", List.of(HOST + ":" + pages.port())));
        rest().post("/vms/web/agent/v1/browser/navigate", Map.of("url", pages.url("/one")))
                .expect(200);
        value("document.cookie = 'user=anna; max-age=9999'; globalThis.ticks = 0; setInterval(() => ++ticks, 20)");
    }

    @AfterEach
    void stop() throws Exception {
        report.forEach(System.out::println);
        Files.write(Path.of(System.getProperty("basedir", "."), "target", "vm-standby-report.txt"), report);
        pages.close();
        machines.close();
    }

    private Rest rest() throws Exception {
        return machines.cluster().rest();
    }

    private JsonNode until(String... phases) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        JsonNode seen = machines.vm("web");
        while (!List.of(phases).contains(seen.path("phase").asString()) && System.nanoTime() < end) {
            Thread.sleep(50);
            seen = machines.vm("web");
        }
        assertThat(seen.path("phase").asString()).as(seen.toString()).isIn((Object[]) phases);
        assertThat(seen.path("status").asString()).isEqualTo("running");
        return seen;
    }

    private Rest.Answer ask(String expression) throws Exception {
        return rest().post("/vms/web/agent/v1/script/evaluate", Map.of("expression", expression));
    }

    private JsonNode value(String expression) throws Exception {
        return ask(expression).expect(200).path("result");
    }

    /** The page is the one that was left, logged in, and goes on ticking; and its machine knows what time it is. */
    private long itself() throws Exception {
        long before = System.currentTimeMillis();
        JsonNode seen = value("[Date.now(), ticks, document.title + document.cookie]");
        long after = System.currentTimeMillis();
        assertThat(seen.path(2).asString()).isEqualTo("Oneuser=anna");
        assertThat(seen.path(0).asLong()).as("its clock").isBetween(before - 1000, after + 1000);
        return seen.path(1).asLong();
    }

    /** Of a process, in hundredths of a second. */
    private static long processor(long pid) throws Exception {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    /** How often anything has happened to it. */
    private long events() throws Exception {
        return Long.parseLong(Databases.strings(
                        Databases.in(machines.cluster().gatewayState()),
                        "SELECT last_seq FROM topic WHERE name = 'vm/web'")
                .getFirst());
    }

    @Test
    void aBrowserThatNobodyUsesStandsByAndIsBackOnTheFirstByte() throws Exception {
        // Whoever is connected uses it, also where nothing is said.
        try (HttpClient client = HttpClient.newHttpClient()) {
            WebSocket devTools = client.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + machines.token())
                    .buildAsync(
                            URI.create(machines.cluster().api().replaceFirst("http", "ws") + "/vms/web/devtools/"),
                            new WebSocket.Listener() {})
                    .join();
            Thread.sleep(Duration.ofSeconds(2 * STANDBY_S)); // the time in which it would fall asleep
            assertThat(machines.vm("web").path("phase").asString()).isEqualTo("ready");
            devTools.abort();
        }
        long pid = until("standby").path("pid").asLong();
        long used = processor(pid);
        long events = events();
        Thread.sleep(3000); // what it would use the processor in
        assertThat(processor(pid) - used).as("hundredths of a second").isLessThanOrEqualTo(10);
        assertThat(machines.vm("web").path("phase").asString()).isEqualTo("standby");

        // Many at once wake it once, and all of them are served.
        List<Double> latencies = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Double>> asked = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                asked.add(threads.submit((Callable<Double>) () -> {
                    long begin = System.nanoTime();
                    assertThat(value("6 * 7").asInt()).isEqualTo(42);
                    return (System.nanoTime() - begin) / 1e6;
                }));
            }
            for (Future<Double> one : asked) {
                latencies.add(one.get());
            }
        }
        assertThat(events()).as("running and ready, once").isEqualTo(events + 2);
        long ticks = itself();
        long begin = System.nanoTime();
        itself();
        report.add(
                "first byte of %d at once to a browser that stood by: %.0f to %.0f ms; to one that is awake: %.0f ms (emulated)"
                        .formatted(
                                AT_ONCE,
                                latencies.stream().min(Double::compare).orElseThrow(),
                                latencies.stream().max(Double::compare).orElseThrow(),
                                (System.nanoTime() - begin) / 1e6));

        // What a person pauses is a person's to resume.
        until("standby");
        assertThat(machines.turn("web", "pause")).isEqualTo("paused");
        assertThat(ask("1").expect(409).path("detail").asString()).contains("web is paused", "resumed");
        assertThat(machines.turn("web", "resume")).isEqualTo("running");
        until("ready");
        assertThat(itself()).as("it goes on from where it was").isGreaterThanOrEqualTo(ticks);
        until("standby");
        assertThat(machines.turn("web", "resume")).isEqualTo("running");
        until("ready");

        servers(pid);
        machines.delete("web").expect(204);
        assertThat(machines.left()).isEmpty();
    }

    /** The server is killed while it stands by, falls asleep, and wakes; the next one wakes it on the first byte. */
    private void servers(long pid) throws Exception {
        until("standby");
        machines.cluster().killGateway();
        long used = processor(pid);
        machines.cluster().startGateway();
        assertThat(until("standby").path("pid").asLong()).as("adopted").isEqualTo(pid);
        assertThat(processor(pid) - used).as("hundredths of a second").isLessThanOrEqualTo(15);
        JsonNode version = rest().get("/vms/web/devtools/json/version").expect(200);
        assertThat(version.path("Browser").asString()).contains("Chrome/");
        long ticks = itself();

        for (boolean waking : List.of(false, true)) {
            if (waking) {
                until("standby");
            }
            Thread first = Thread.ofVirtual().start(() -> {
                try {
                    ask("1");
                } catch (Exception e) {
                    // its server is killed under it
                }
            });
            // This is the random instant, not a wait for something.
            Thread.sleep(waking ? random.nextInt(60) : 1000 * STANDBY_S - 50 + random.nextInt(250));
            machines.cluster().killGateway();
            first.join();
            machines.cluster().startGateway();
            until("ready", "standby", "running");
            // One that was cut off on its way to sleep is called ready all along, and set to the time once it goes on.
            Patience.until(
                    () -> Math.abs(value("Date.now()").asLong() - System.currentTimeMillis()), off -> off < 1000);
            assertThat(itself()).as("seed " + Seed.get()).isGreaterThanOrEqualTo(ticks);
            assertThat(until("ready", "standby").path("pid").asLong()).isEqualTo(pid);
        }
    }
}
