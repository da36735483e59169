package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.process.HostOracle.Row;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The server is killed at random instants of what is done to machines; afterwards the host holds what the rows say. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 25, unit = TimeUnit.MINUTES)
class VmKillIT {
    private static final long PATIENCE = Duration.ofMinutes(4).toNanos();
    /** More than that stand only while a cycle goes on. */
    private static final int STANDING = 3;

    private enum Deed {
        NOTHING,
        CREATE,
        CREATE_TWO,
        STOP,
        START,
        RESTART,
        PAUSE,
        RESUME,
        SNAPSHOT,
        FORK,
        DELETE
    }

    private final long seed = Seed.get();
    private final Random random = new Random(seed);
    private final CountDownLatch never = new CountDownLatch(1);
    private final Map<String, Integer> met = new TreeMap<>();
    private final List<String> report = new ArrayList<>();
    private Set<String> settling = Set.of();
    private int memory;
    private int names;
    private int adopted;
    private int killedToo;
    private boolean ended;
    private Machines machines;
    private HostOracle oracle;

    @TempDir
    Path dir;

    /** Guests of 1 KiB: process, tap, lease and rows are real, and there in a moment. */
    @Test
    void withGuestsThatStandInAMoment() throws Exception {
        begin(Probe.images(dir), 64);
        int cycles = Integer.getInteger("vm.kills", 12);
        for (int cycle = 0; cycle < cycles; cycle++) {
            cycle(cycle, Set.of());
        }
        end(cycles, "guests of 1 KiB");
    }

    /** Guests with a browser; one of them is ready all the time, and is driven by whichever server there is. */
    @Test
    void withGuestsThatHaveABrowser() throws Exception {
        begin(System.getProperty("vm.images"), 1024);
        machines.create("web").expect(201);
        long pid = machines.await("web", "ready").path("pid").asLong();
        int cycles = Integer.getInteger("vm.cycles", 4);
        for (int cycle = 0; cycle < cycles; cycle++) {
            cycle(cycle, Set.of("web"));
            if (cycle % 5 == 0 || cycle == cycles - 1) {
                assertThat(machines.await("web", "ready").path("pid").asLong()).isEqualTo(pid);
                try (Daemon proxy = machines.proxy("web")) {
                    JsonNode seen = Machines.node(
                            "playwright.mjs", proxy.ready().path("url").asString());
                    assertThat(seen.path("answer").asString()).isEqualTo("42");
                }
            }
        }
        end(cycles, "guests with a browser");
    }

    /** What a test that failed left would be in the way of the next ones. */
    @AfterEach
    void stop() throws Exception {
        if (!ended) {
            machines.close();
        }
    }

    private void begin(String images, int megabytes) throws Exception {
        memory = megabytes;
        machines = new Machines(dir, images);
        machines.cluster()
                .with("VIBER_SUPERVISOR_READY_MS", "3600000")
                .with("VIBER_SUPERVISOR_STOP_MS", "700")
                .startGateway();
        oracle = new HostOracle(machines.cluster().gatewayState());
    }

    private void end(int cycles, String guests) throws Exception {
        for (JsonNode vm : machines.all()) {
            machines.delete(vm.path("name").asString()).expect(204);
        }
        assertThat(oracle.rows()).isEmpty();
        assertThat(whole()).isEmpty();
        assertThat(machines.left()).isEmpty();
        report.add("seed %d, %s: %d kills of the server, of a hypervisor too %d; machines adopted %d%nmet %s"
                .formatted(seed, guests, cycles, killedToo, adopted, met));
        String text = String.join("\n", report) + "\n";
        System.out.println(text);
        Files.writeString(
                Path.of(System.getProperty("basedir", "."), "target", "vm-kill-%s.txt".formatted(memory)), text);
        machines.close();
        ended = true;
    }

    private void cycle(int cycle, Set<String> spared) throws Exception {
        Map<String, Row> before = oracle.rows();
        Deed deed = Deed.values()[random.nextInt(Deed.values().length)];
        List<String> asked = targets(deed, before, spared);
        before = oracle.rows();
        int namesBefore = names;
        List<Thread> requests = asked.stream().map(name -> request(deed, name)).toList();
        // never counts down: this is the random instant, not a wait for something; half of them fall into the beginning
        never.await(random.nextInt(random.nextBoolean() ? 120 : 700), TimeUnit.MILLISECONDS);
        machines.cluster().killGateway();
        for (Thread request : requests) {
            request.join();
        }
        Set<String> made = IntStream.range(namesBefore, names)
                .mapToObj(number -> "vm-" + number)
                .collect(Collectors.toSet());
        String where = "cycle %d, %s of %s, seed %d".formatted(cycle, deed, asked, seed);
        Map<String, Row> gap = oracle.rows();
        for (String name : asked) {
            Row row = gap.get(name);
            met.merge(deed + ":" + (row == null ? "none" : row.phase()), 1, Integer::sum);
        }
        Set<String> killed = new HashSet<>();
        for (Row row : gap.values()) {
            if (asked.contains(row.name()) || made.contains(row.name()) || !row.runs()) {
                continue;
            }
            Path socket = machines.cluster().gatewayState().resolve("run/vms/" + row.id() + "/qmp.sock");
            // What the cycle before was about may be settled only now.
            if (!settling.contains(row.name())) {
                assertThat(Qmp.status(socket))
                        .as(where + ": " + row)
                        .isEqualTo(row.phase().equals("paused") ? "paused" : "running");
            }
            if (!spared.contains(row.name()) && random.nextInt(6) == 0) {
                ProcessHandle.of(row.pid()).orElseThrow().destroyForcibly();
                killed.add(row.name());
                killedToo++;
            }
        }
        machines.cluster().startGateway();
        assertThat(whole()).as(where).isEmpty();
        Map<String, Row> after = oracle.rows();
        for (Row row : before.values()) {
            if (asked.contains(row.name())) {
                continue;
            }
            Row now = after.get(row.name());
            assertThat(now).as(where + ": " + row).isNotNull();
            if (killed.contains(row.name())) {
                assertThat(now.phase()).as(where).isEqualTo("crashed");
            } else {
                assertThat(now.pid()).as(where + ": " + now).isEqualTo(row.pid());
                assertThat(now.runs()).as(where + ": " + now).isEqualTo(row.runs());
                assertThat(now.phase().equals("paused")).isEqualTo(row.phase().equals("paused"));
                adopted += row.runs() ? 1 : 0;
            }
        }
        for (String name : asked) {
            Row now = after.get(name);
            Row then = gap.get(name);
            // A crashed one whose start was not even written down is crashed still.
            if (now != null
                    && !(then != null
                            && then.phase().equals("crashed")
                            && now.phase().equals("crashed"))) {
                assertThat(now.phase()).as(where + ": " + now).isIn("running", "ready", "paused", "stopped");
            }
        }
        for (String name : deed == Deed.FORK ? made : Set.<String>of()) {
            met.merge("FORK made:" + (after.containsKey(name) ? after.get(name).phase() : "none"), 1, Integer::sum);
        }
        for (JsonNode snapshot : machines.cluster().rest().get("/snapshots").expect(200)) {
            met.merge("SNAPSHOT made", 1, Integer::sum);
            machines.cluster()
                    .rest()
                    .send("DELETE", "/snapshots/" + snapshot.path("name").asString(), null, Map.of())
                    .expect(204);
        }
        settling = Stream.concat(asked.stream(), made.stream()).collect(Collectors.toSet());
        trim(after, spared);
    }

    /** Keeps the number of machines down, by what a user would do. */
    private void trim(Map<String, Row> rows, Set<String> spared) throws Exception {
        List<Row> all = new ArrayList<>(rows.values());
        all.removeIf(row -> spared.contains(row.name()));
        while (all.size() > STANDING - spared.size()) {
            machines.delete(all.remove(random.nextInt(all.size())).name()).expect(204);
        }
    }

    /** Whom it is done to: one that can have it, made so if there is none. */
    private List<String> targets(Deed deed, Map<String, Row> rows, Set<String> spared) throws Exception {
        List<String> phases = switch (deed) {
            case NOTHING -> null;
            case CREATE, CREATE_TWO -> List.of();
            case START -> List.of("stopped", "crashed");
            case RESUME -> List.of("paused");
            case STOP, RESTART, DELETE -> List.of("running", "ready", "paused");
            case PAUSE, SNAPSHOT, FORK -> List.of("running", "ready");
        };
        if (phases == null) {
            return List.of();
        }
        if (phases.isEmpty()) {
            return deed == Deed.CREATE ? List.of(next()) : List.of(next(), next());
        }
        List<String> fit = rows.values().stream()
                .filter(row -> phases.contains(row.phase()) && !spared.contains(row.name()))
                .map(Row::name)
                .toList();
        if (!fit.isEmpty()) {
            return List.of(fit.get(random.nextInt(fit.size())));
        }
        String name = next();
        create(name).expect(201);
        if (deed == Deed.START) {
            machines.turn(name, "stop");
        } else if (deed == Deed.RESUME) {
            machines.turn(name, "pause");
        }
        return List.of(name);
    }

    private synchronized String next() {
        return "vm-" + names++;
    }

    private Rest.Answer create(String name) throws IOException, InterruptedException {
        Map<String, Object> spec = name.hashCode() % 2 == 0
                ? Map.of("name", name, "cpu_cores", 1, "memory_mb", memory)
                : Map.of("name", name, "cpu_cores", 1, "memory_mb", memory, "egress", List.of("10.9.0.0/16"));
        return machines.cluster().rest().post("/vms", spec);
    }

    private Thread request(Deed deed, String name) {
        return Thread.ofVirtual().start(() -> {
            try {
                switch (deed) {
                    case CREATE, CREATE_TWO -> create(name);
                    case DELETE -> machines.delete(name);
                    case SNAPSHOT ->
                        machines.cluster().rest().post("/vms/" + name + "/snapshot", Map.of("name", next()));
                    case FORK ->
                        machines.cluster()
                                .rest()
                                .post("/vms/" + name + "/fork", Map.of("names", List.of(next(), next())));
                    default -> machines.turn(name, deed.name().toLowerCase(java.util.Locale.ROOT));
                }
            } catch (IOException | InterruptedException | RuntimeException e) {
                // The server is killed under it, which is what this is about.
            }
        });
    }

    /** What is wrong on the host when everything that was under way has had the time to end. */
    private List<String> whole() throws IOException, SQLException, InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        List<String> faults = oracle.faults();
        while (!faults.isEmpty() && System.nanoTime() < end) {
            never.await(100, TimeUnit.MILLISECONDS);
            faults = oracle.faults();
        }
        return faults;
    }
}
