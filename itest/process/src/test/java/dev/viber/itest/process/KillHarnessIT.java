package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.process.Clients.Answered;
import dev.viber.itest.process.Clients.Taken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Gateway and viber are killed at random instants under load; what was promised holds all the same. */
class KillHarnessIT {
    private static final String VIBER = "viber-kill";
    private static final List<String> OPEN_PHASES = List.of("queued", "dispatched", "running", "waiting", "stopping");
    private static final int SUBMITTERS = 3;
    private static final int PACE_MILLIS = 600;
    private static final int WARM_UP_TASKS = 12;
    private static final int QUIET_TASKS = 60;

    private enum Victim {
        GATEWAY,
        VIBER,
        BOTH,
        VIBER_THEN_GATEWAY
    }

    private final int cycles = Integer.getInteger("cycles", 6);
    private final long seed = Seed.get();
    private final Random random = new Random(seed);
    private final Map<String, Integer> phasesHit = new TreeMap<>();
    private final Map<Victim, Integer> kills = new EnumMap<>(Victim.class);
    private final CountDownLatch never = new CountDownLatch(1);

    @TempDir
    Path dir;

    @Test
    @Timeout(value = 25, unit = TimeUnit.MINUTES)
    void keepsEveryPromiseThroughKills() throws Exception {
        try (Cluster cluster = new Cluster(dir)) {
            Files.writeString(cluster.workspace().resolve(Workload.SOURCE), "what there is to read\n");
            cluster.startGateway();
            String token = cluster.issueToken(VIBER).path("token").asString();
            cluster.startViber(VIBER, token);
            Workload workload = new Workload(new Random(random.nextLong()));

            quietly(cluster, workload, "warm-up", WARM_UP_TASKS);
            Footprint gatewayBefore = Footprint.of(cluster.gateway());
            Footprint viberBefore = Footprint.of(cluster.viber());

            long lost;
            long unknown;
            List<Taken> all = new ArrayList<>();
            try (Clients clients = new Clients(cluster, VIBER, workload, dir.resolve("book"))) {
                for (int i = 0; i < SUBMITTERS; i++) {
                    clients.submitEvery(PACE_MILLIS);
                }
                for (int cycle = 0; cycle < cycles; cycle++) {
                    cycle(cluster, clients, token);
                }
                clients.drain();
                lost = clients.lostAnswers();
                unknown = clients.answers().stream()
                        .filter(answer ->
                                answer.question().path("reason").asString("").startsWith("outcome unknown"))
                        .count();
                all.addAll(clients.taken());
                verify(cluster, clients);
            }
            quietly(cluster, workload, "quiet", QUIET_TASKS);
            gatewayBefore.assertNotOutgrownBy(cluster.gateway());
            viberBefore.assertNotOutgrownBy(cluster.viber());
            stopCleanly(cluster);
            report(all, lost, unknown);
            if (cycles >= 100) {
                assertThat(phasesHit)
                        .as("each phase a task can be in while open was met by at least five kills")
                        .allSatisfy((phase, hits) -> assertThat(hits).as(phase).isGreaterThanOrEqualTo(5))
                        .containsOnlyKeys(OPEN_PHASES);
                assertThat(unknown).as("kills that left an outcome unknown").isPositive();
            }
        }
    }

    /** Runs tasks to their end with nobody killed, then lets go of every connection. */
    private void quietly(Cluster cluster, Workload workload, String book, int tasks) throws Exception {
        try (Clients clients = new Clients(cluster, VIBER, workload, dir.resolve(book))) {
            for (int i = 0; i < tasks; i++) {
                clients.submit();
            }
            clients.drain();
            verify(cluster, clients);
        }
        cluster.closeConnections();
    }

    private void cycle(Cluster cluster, Clients clients, String token) throws Exception {
        // never counts down: this is the random instant, not a wait for something
        never.await(random.nextInt(100, 2_500), TimeUnit.MILLISECONDS);
        Victim victim = Victim.values()[random.nextInt(Victim.values().length)];
        kills.merge(victim, 1, Integer::sum);
        if (victim == Victim.VIBER_THEN_GATEWAY) {
            cluster.viber().kill();
            never.await(random.nextInt(0, 1_000), TimeUnit.MILLISECONDS);
            stopOne(cluster, clients);
        }
        lookAtPhases(cluster);
        // half of the kills fall into the middle of something
        if (random.nextBoolean()) {
            clients.awaitMovement(1_000);
            never.await(random.nextInt(0, 4), TimeUnit.MILLISECONDS);
        }
        switch (victim) {
            case GATEWAY -> {
                cluster.killGateway();
                cluster.startGateway();
            }
            case VIBER -> {
                cluster.viber().kill();
                never.await(random.nextInt(0, 500), TimeUnit.MILLISECONDS);
                cluster.startViber(VIBER, token);
            }
            case BOTH, VIBER_THEN_GATEWAY -> {
                cluster.viber().kill();
                cluster.killGateway();
                cluster.startGateway();
                cluster.startViber(VIBER, token);
            }
        }
    }

    /** Stops a task that the viber, which is away, has begun. */
    private static void stopOne(Cluster cluster, Clients clients) throws InterruptedException {
        JsonNode begun =
                cluster.insist(rest -> rest.get("/tasks?limit=1&phase=running").expect(200));
        for (JsonNode task : begun.path("items")) {
            clients.stop(task.path("id").asString());
        }
    }

    /** Counts in which phases tasks are at this instant: a phase counts once a kill. */
    private void lookAtPhases(Cluster cluster) throws InterruptedException {
        for (String phase : OPEN_PHASES) {
            JsonNode list = cluster.insist(
                    rest -> rest.get("/tasks?limit=1&phase=" + phase).expect(200));
            if (!list.path("items").isEmpty()) {
                phasesHit.merge(phase, 1, Integer::sum);
            }
        }
    }

    private static void verify(Cluster cluster, Clients clients) throws Exception {
        Map<String, Long> again = new TreeMap<>();
        for (Answered answer : clients.answers()) {
            if (answer.allow()) {
                String text = answer.question().path("arguments").path("text").asString("");
                again.merge(text.strip(), 1L, Long::sum);
            }
        }
        for (Taken taken : clients.taken()) {
            JsonNode task =
                    cluster.insist(rest -> rest.get("/tasks/" + taken.taskId())).expect(200);
            Oracle.wholeForAll(cluster, task, taken.readers());
            verifyLines(cluster, taken, task, again);
        }
        List<String> stopped = clients.stopped();
        assertThat(clients.taken())
                .filteredOn(taken -> stopped.contains(taken.taskId()))
                .allSatisfy(taken -> assertThat(
                                taken.readers().getFirst().events().getLast().kind())
                        .isIn("stopped", "completed", "error"));
    }

    private static void verifyLines(Cluster cluster, Taken taken, JsonNode task, Map<String, Long> again)
            throws IOException {
        Path file = cluster.workspace().resolve(taken.job().file());
        List<String> lines = Files.exists(file) ? Files.readAllLines(file, StandardCharsets.UTF_8) : List.of();
        assertThat(lines)
                .as("no line but its own")
                .allSatisfy(line -> assertThat(taken.job().lines()).contains(line));
        for (String line : taken.job().lines()) {
            int times = Collections.frequency(lines, line);
            assertThat((long) times)
                    .as("'%s' was appended once, and again only where somebody allowed that", line)
                    .isLessThanOrEqualTo(1 + again.getOrDefault(line, 0L));
            if (task.path("status").asString().equals("completed")) {
                assertThat(times).as("'%s' of a completed task", line).isPositive();
            }
        }
    }

    private void stopCleanly(Cluster cluster) throws Exception {
        assertThat(cluster.viber().terminate()).as(cluster.viber().logTail()).isZero();
        assertThat(cluster.gateway().terminate())
                .as(cluster.gateway().logTail())
                .isZero();
        assertThat(cluster.viberState(VIBER).resolve("viber.json")).doesNotExist();
        assertThat(cluster.gatewayState().resolve("server.json")).doesNotExist();
        Path database = Databases.in(cluster.viberState(VIBER));
        assertThat(Databases.strings(database, "SELECT id || ' ' || phase FROM task"))
                .as("tasks the viber still keeps")
                .isEmpty();
        assertThat(Databases.strings(
                        database,
                        "SELECT t.name FROM journal j JOIN topic t ON t.id = j.topic_id WHERE t.name LIKE 'task/%'"))
                .as("frames the viber still keeps")
                .isEmpty();
    }

    private void report(List<Taken> all, long lost, long unknown) throws IOException {
        long connections = all.stream()
                .flatMap(taken -> taken.readers().stream())
                .mapToLong(Sse::connections)
                .sum();
        Map<String, Integer> ends = new TreeMap<>();
        all.forEach(taken ->
                ends.merge(taken.readers().getFirst().events().getLast().kind(), 1, Integer::sum));
        String report =
                "seed %d%ncycles %d, kills %s%nkills that met tasks in phase %s%ntasks answered %d, ended as %s%nsubmissions sent again %d, outcomes unknown %d, stream connections %d%n"
                        .formatted(seed, cycles, kills, phasesHit, all.size(), ends, lost, unknown, connections);
        System.out.println(report);
        Files.writeString(Path.of(System.getProperty("basedir", "."), "target", "kill-report.txt"), report);
    }
}
