package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.process.Load.Done;
import dev.viber.itest.process.Load.Late;
import dev.viber.itest.process.Shell.Listed;
import dev.viber.itest.process.ViberEvents.Heard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Bundles of both processes are put in, replaced and taken out while tasks use them; nobody's task fails. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class HotPlugIT {
    private static final String VIBER = "viber-hot";
    private static final int WIDTH = 50;
    private static final int BESIDE = 6;
    /** So many events of tasks between two swaps: all are in the middle of something. */
    private static final int STIR = 250;
    /** How long REST waits for a part before it answers 503; no answer may say that earlier. */
    private static final long REST_PATIENCE_MS = 3_000;

    private final int rounds = Integer.getInteger("rounds", 1);
    private final List<String> report = new ArrayList<>();
    private Path dir;
    private Cluster cluster;
    private Shell viber;
    private Shell gateway;
    private Footprint viberBefore;
    private Footprint gatewayBefore;
    private int versions;
    private String orphan;

    private interface Command {
        void run() throws Exception;
    }

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        dir = folder;
        cluster = new Cluster(folder);
        Files.writeString(cluster.workspace().resolve(Workload.SOURCE), "what there is to read\n");
        cluster.startGateway();
        String token = cluster.issueToken(VIBER).path("token").asString();
        cluster.startViber(VIBER, token);
        viber = new Shell(cluster.viberState(VIBER));
        gateway = new Shell(cluster.gatewayState());
        try (ViberEvents events = new ViberEvents(cluster)) {
            cluster.rest()
                    .send("PATCH", "/vibers/" + VIBER, Map.of("config", Map.of("capacity", 64)), Map.of())
                    .expect(200);
            events.await(0, event -> event.type().endsWith(".changed"));
        }
        try (Load load = new Load(cluster, VIBER, WIDTH, false)) {
            load.awaitMoves(STIR);
            load.finish();
        }
        viberBefore = Footprint.of(cluster.viber());
        gatewayBefore = Footprint.of(cluster.gateway());
    }

    @AfterAll
    void stop() throws IOException {
        report.forEach(System.out::println);
        Path file = Path.of(System.getProperty("basedir", "."), "target", "hotplug-report.txt");
        Files.write(
                file, report, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        cluster.close();
    }

    @Test
    @Order(1)
    void aToolComesChangesAndGoes() throws Exception {
        Path first = Path.of(
                System.getProperty("example.jar", "../plugin-example/target/dev.viber.example.reverse-0.1.0.jar"));
        Path second = Jars.copy(
                first,
                dir.resolve("jars"),
                "2.0.0",
                Map.of("dev/viber/example/reverse/edition.txt", "2".getBytes(StandardCharsets.UTF_8)));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(viber.socket())))
                .isEqualTo("rw-------");
        try (ViberEvents events = new ViberEvents(cluster);
                Load beside = new Load(cluster, VIBER, BESIDE, false)) {
            int begun = events.mark();
            for (int round = 0; round < rounds; round++) {
                changes(events, "install", () -> viber.install(first), HotPlugIT::hasExample);
                assertThat(exampleAtGateway()).contains("edition 1");
                try (Load load = new Load(cluster, VIBER, WIDTH, true)) {
                    load.awaitMoves(STIR);
                    while (load.completed() == 0) { // so that the first edition has answered
                        load.awaitMoves(1);
                    }
                    int id = viber.bundle("dev.viber.example.reverse").id();
                    changes(
                            events,
                            "update",
                            () -> viber.run("update " + id + " " + second.toUri()),
                            HotPlugIT::hasExample);
                    assertThat(exampleAtGateway()).contains("edition 2");
                    load.awaitMoves(STIR);
                    changes(events, "uninstall", () -> viber.run("uninstall " + id), data -> !hasExample(data));
                    assertThat(exampleAtGateway()).isEmpty();
                    // Whoever calls it now waits for it, as a call waits for a tool that is being replaced.
                    changes(events, "install", () -> viber.install(second), HotPlugIT::hasExample);
                    load.awaitMoves(STIR);
                    List<Done> done = load.finish();
                    assertThat(done)
                            .allSatisfy(each ->
                                    assertThat(each.editions()).hasSize(4).isSorted());
                    assertThat(done).flatExtracting(Done::editions).contains(1L, 2L);
                    report.add("example tool: %d tasks completed".formatted(done.size()));
                }
                int again = viber.bundle("dev.viber.example.reverse").id();
                changes(events, "uninstall", () -> viber.run("uninstall " + again), data -> !hasExample(data));
                beside.awaitMoves(BESIDE);
            }
            beside.finish();
            assertThat(beside.late()).isEmpty();
            assertThat(events.since(begun))
                    .allSatisfy(event -> assertThat(event.type()).endsWith(".changed"));
        }
        orphan = cluster.rest()
                .post(
                        "/tasks",
                        Map.of(
                                "goal",
                                "call a tool that is gone",
                                "viberId",
                                VIBER,
                                "options",
                                Map.of(
                                        "playbook",
                                        "name: gone\nsteps:\n  - id: only\n    tool: example.reverse\n    with: {text: a}\n")))
                .expect(201)
                .path("id")
                .asString();
    }

    private static boolean hasExample(JsonNode data) {
        return StreamSupport.stream(data.path("tools").spliterator(), false)
                .anyMatch(name -> name.asString().equals("example.reverse"));
    }

    /** What the gateway says of the example tool; empty where it knows of none. */
    private String exampleAtGateway() throws InterruptedException {
        JsonNode shown = cluster.insist(rest -> Rest.served(rest.get("/vibers/" + VIBER)))
                .expect(200);
        String described = "";
        for (JsonNode tool : shown.path("tools")) {
            if (tool.path("name").asString().equals("example.reverse")) {
                described = tool.path("description").asString();
            }
        }
        List<String> capabilities = new ArrayList<>();
        shown.path("capabilities").forEach(each -> capabilities.add(each.asString()));
        assertThat(capabilities.contains("example")).isEqualTo(!described.isEmpty());
        return described;
    }

    /** Runs the command and waits until the gateway has told of the change; notes how long after the command that was. */
    private void changes(ViberEvents events, String what, Command command, Predicate<JsonNode> wanted)
            throws Exception {
        int mark = events.mark();
        long begun = System.nanoTime();
        command.run();
        long returned = System.nanoTime();
        Heard heard = events.await(mark, event -> event.type().endsWith(".changed") && wanted.test(event.data()));
        report.add("example tool, %s: took %d ms, told by the gateway %d ms after"
                .formatted(what, (returned - begun) / 1_000_000, (heard.at() - returned) / 1_000_000));
    }

    @Test
    @Order(2)
    void theFileToolsAreReplaced() throws Exception {
        try (ViberEvents events = new ViberEvents(cluster);
                Load load = new Load(cluster, VIBER, WIDTH, false)) {
            int begun = events.mark();
            load.awaitMoves(STIR);
            for (int round = 0; round < rounds; round++) {
                swap(viber, "dev.viber.tool.file", load);
            }
            load.finish();
            assertThat(load.late()).isEmpty();
            assertThat(events.since(begun))
                    .allSatisfy(event -> assertThat(event.type()).endsWith(".changed"));
        }
    }

    @Test
    @Order(3)
    void theStoresAreReplaced() throws Exception {
        try (ViberEvents events = new ViberEvents(cluster);
                Load load = new Load(cluster, VIBER, WIDTH, false)) {
            int begun = events.mark();
            load.awaitMoves(STIR);
            for (int round = 0; round < rounds; round++) {
                swap(viber, "dev.viber.store.sqlite", load);
                swap(gateway, "dev.viber.store.sqlite", load);
            }
            load.finish();
            assertThat(load.late())
                    .as("what could be answered in time was")
                    .allSatisfy(answer -> assertThat(answer.millis()).isGreaterThanOrEqualTo(REST_PATIENCE_MS));
            assertStaysConnected(events, begun);
        }
    }

    @Test
    @Order(4)
    void restIsReplaced() throws Exception {
        try (ViberEvents events = new ViberEvents(cluster);
                Load load = new Load(cluster, VIBER, WIDTH, false)) {
            int begun = events.mark();
            load.awaitMoves(STIR);
            for (int round = 0; round < rounds; round++) {
                swap(gateway, "dev.viber.rest", load);
            }
            List<Done> done = load.finish();
            assertThat(done)
                    .as("readers were ended and came back")
                    .anySatisfy(each -> assertThat(each.readers())
                            .anySatisfy(
                                    reader -> assertThat(reader.connections()).isGreaterThan(1)));
            assertStaysConnected(events, begun);
        }
    }

    private void assertStaysConnected(ViberEvents events, int begun) {
        assertThat(events.since(begun))
                .extracting(Heard::type)
                .as("the viber's socket stayed; %s", cluster.viber().logTail())
                .doesNotContain("dev.viber.viber.connected", "dev.viber.viber.disconnected");
    }

    @Test
    @Order(5)
    void whatHoldsTheSocketsIsReplaced() throws Exception {
        try (Load load = new Load(cluster, VIBER, WIDTH, false)) {
            load.awaitMoves(STIR);
            for (int round = 0; round < rounds; round++) {
                swap(gateway, "dev.viber.gateway", load);
                swap(viber, "dev.viber.controller", load);
                swap(gateway, "dev.viber.http", load);
            }
            load.finish();
        }
    }

    @Test
    @Order(6)
    void allTheRestIsReplaced() throws Exception {
        try (ViberEvents events = new ViberEvents(cluster);
                Load load = new Load(cluster, VIBER, WIDTH, false)) {
            int begun = events.mark();
            load.awaitMoves(STIR);
            for (int round = 0; round < rounds; round++) {
                swap(gateway, "dev.viber.auth", load);
                swap(gateway, "dev.viber.events", load);
                swap(gateway, "dev.viber.playbook", load);
                swap(viber, "dev.viber.events", load);
                swap(viber, "dev.viber.playbook", load);
                swap(viber, "dev.viber.agent", load);
            }
            load.finish();
            assertStaysConnected(events, begun);
        }
    }

    @Test
    @Order(7)
    void nothingIsLeftBehind() throws Exception {
        for (Shell shell : List.of(viber, gateway)) {
            assertThat(shell.list())
                    .filteredOn(bundle -> bundle.symbolicName().startsWith("dev.viber."))
                    .isNotEmpty()
                    .allSatisfy(bundle ->
                            assertThat(bundle.state()).as(bundle.row()).isEqualTo("Active"));
        }
        Process cli = new ProcessBuilder(Daemon.viber(
                        "shell", "--json", "--socket", viber.socket().toString(), "lb"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(new String(cli.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("tool-file");
        assertThat(cli.waitFor()).isZero();
        if (orphan != null) {
            Sse reader = new Sse(orphan);
            reader.followToEnd(cluster, event -> {});
            assertThat(reader.events().getLast().data().toString())
                    .contains("there is no tool example.reverse", "file.read");
        }
        cluster.closeConnections();
        Footprint viberNow = viberBefore.assertNotOutgrownBy(cluster.viber());
        Footprint gatewayNow = gatewayBefore.assertNotOutgrownBy(cluster.gateway());
        report.add("viber: %s before, %s after".formatted(viberBefore, viberNow));
        report.add("gateway: %s before, %s after".formatted(gatewayBefore, gatewayNow));
    }

    /** Stops and starts the bundle, then updates it, with the load going on before, between and after. */
    private void swap(Shell shell, String symbolicName, Load load) throws Exception {
        int before = load.completed();
        int late = load.late().size();
        Listed bundle = shell.bundle(symbolicName);
        long begun = System.nanoTime();
        shell.run("stop " + bundle.id());
        long stopped = System.nanoTime();
        shell.run("start " + bundle.id());
        long started = System.nanoTime();
        load.awaitMoves(STIR);
        String version = "0.1." + ++versions;
        Path newer = Jars.copy(Jars.ofDistribution(symbolicName), dir.resolve("jars"), version, Map.of());
        long updating = System.nanoTime();
        shell.run("update " + bundle.id() + " " + newer.toUri());
        long updated = System.nanoTime();
        load.awaitMoves(STIR);
        assertThat(shell.bundle(symbolicName))
                .satisfies(now -> assertThat(now.state()).isEqualTo("Active"))
                .satisfies(now -> assertThat(now.row()).contains(version));
        report.add("%s on the %s: stop %d ms, start %d ms, update %d ms; %d tasks completed, answered later: %s"
                .formatted(
                        symbolicName,
                        shell == viber ? "viber" : "gateway",
                        (stopped - begun) / 1_000_000,
                        (started - stopped) / 1_000_000,
                        (updated - updating) / 1_000_000,
                        load.completed() - before,
                        load.late().subList(late, load.late().size()).stream()
                                .map(Late::millis)
                                .toList()));
    }
}
