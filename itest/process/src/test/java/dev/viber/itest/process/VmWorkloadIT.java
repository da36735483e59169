package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** As many VMs as are wanted, whatever is killed: a hypervisor, or the server in the middle of scaling. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class VmWorkloadIT {
    private static final long PATIENCE = Duration.ofMinutes(2).toNanos();
    private static final Map<String, Object> SMALL = Map.of("cpu_cores", 1, "memory_mb", 64);

    @TempDir
    Path dir;

    private Machines machines;
    private HostOracle oracle;

    /** Guests of 1 KiB: they never announce themselves, and run for all that. */
    @BeforeEach
    void start() throws Exception {
        machines = new Machines(dir, Probe.images(dir));
        machines.cluster()
                .with("VIBER_SUPERVISOR_READY_MS", "3600000")
                .with("VIBER_SUPERVISOR_STOP_MS", "700")
                .startGateway();
        oracle = new HostOracle(machines.cluster().gatewayState());
    }

    @AfterEach
    void stop() throws Exception {
        machines.close();
    }

    private Rest rest() throws Exception {
        return machines.cluster().rest();
    }

    private JsonNode await(String name, Predicate<JsonNode> wanted) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        JsonNode seen = rest().get("/workloads/" + name).expect(200);
        while (!wanted.test(seen) && System.nanoTime() < end) {
            LockSupport.parkNanos(100_000_000);
            seen = rest().get("/workloads/" + name).expect(200);
        }
        assertThat(wanted.test(seen)).as(seen.toString()).isTrue();
        return seen;
    }

    /** Exactly so many members, the VM of each of which runs. */
    private static Predicate<JsonNode> running(int count) {
        return seen -> seen.path("members").size() == count
                && seen.path("members")
                        .valueStream()
                        .allMatch(one -> one.path("phase").asString("").equals("running"));
    }

    private void scale(int replicas) throws Exception {
        rest().send("PATCH", "/workloads/web", Map.of("replicas", replicas), Map.of())
                .expect(200);
    }

    private long pid(String vm) throws Exception {
        return machines.vm(vm).path("pid").asLong();
    }

    private List<String> names() throws Exception {
        return machines.all().stream()
                .map(vm -> vm.path("name").asString())
                .sorted()
                .toList();
    }

    private void isWhole() throws Exception {
        List<String> faults = oracle.faults();
        for (long end = System.nanoTime() + PATIENCE; !faults.isEmpty() && System.nanoTime() < end; ) {
            LockSupport.parkNanos(100_000_000);
            faults = oracle.faults();
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void asManyRunAsAreWantedWhateverIsKilled() throws Exception {
        refused(
                Map.of("name", "web", "template", Map.of("snapshot", "nothing")),
                404,
                "There is no snapshot 'nothing'");
        refused(
                Map.of("name", "web", "template", Map.of("kernel_cmdline", "ip=1.2.3.4")),
                422,
                "the platform sets itself");
        try (ViberEvents events = new ViberEvents(machines.cluster(), "workload/*")) {
            rest().post("/workloads", Map.of("name", "web", "template", SMALL, "replicas", 2))
                    .expect(201);
            await("web", running(2));
            assertThat(names()).containsExactly("web-1", "web-2");
            refused(Map.of("name", "web"), 409, "there is a workload named web already");
            assertThat(rest().send("PATCH", "/workloads/web", Map.of("template", SMALL), Map.of())
                            .expect(422)
                            .path("detail")
                            .asString())
                    .contains("a workload's template does not change");

            long other = pid("web-2");
            ProcessHandle.of(pid("web-1")).orElseThrow().destroyForcibly();
            JsonNode replaced = await(
                    "web",
                    seen -> running(2).test(seen)
                            && member(seen, 1).path("restarts").asInt() == 1);
            assertThat(member(replaced, 1).path("reason").asString()).startsWith("its process ended");
            assertThat(pid("web-2")).isEqualTo(other);
            machines.delete("web-2").expect(204);
            await(
                    "web",
                    seen -> running(2).test(seen)
                            && member(seen, 2).path("restarts").asInt() == 1);

            // The server is killed in the middle of it, up and down.
            scale(4);
            machines.cluster().killGateway();
            machines.cluster().startGateway();
            await("web", running(4));
            assertThat(names()).containsExactly("web-1", "web-2", "web-3", "web-4");
            isWhole();
            long first = pid("web-1");
            scale(1);
            machines.cluster().killGateway();
            machines.cluster().startGateway();
            await("web", running(1));
            assertThat(names()).containsExactly("web-1");
            assertThat(pid("web-1")).isEqualTo(first);
            isWhole();
            assertThat(machines.ask("workloads", "get", "web"))
                    .contains("replica   1. VM web-1 is running, restarts 1");

            rest().send("DELETE", "/workloads/web", null, Map.of()).expect(204);
            events.await(0, event -> event.type().endsWith(".deleted"));
            told(events.since(0));
        }
        nothingIsLeft();
        replicasOfASnapshot();
    }

    private static JsonNode member(JsonNode workload, int number) {
        return workload.path("members")
                .valueStream()
                .filter(one -> one.path("number").asInt() == number)
                .findFirst()
                .orElseThrow();
    }

    private void refused(Map<String, Object> body, int status, String detail) throws Exception {
        assertThat(rest().post("/workloads", body).expect(status).path("detail").asString())
                .contains(detail);
    }

    /** Each change was told once, in order, over two kills of the server. */
    private static void told(List<ViberEvents.Heard> heard) {
        List<String> ofAll = new ArrayList<>();
        List<String> ofFirst = new ArrayList<>();
        for (ViberEvents.Heard event : heard) {
            JsonNode replica = event.data().path("replica");
            String kind = event.type().substring("dev.viber.workload.".length());
            if (replica.isMissingNode()) {
                ofAll.add(kind);
            } else if (replica.asInt() == 1) {
                ofFirst.add(kind);
            }
        }
        assertThat(ofAll).containsExactly("created", "scaled", "scaled", "deleting", "deleted");
        assertThat(ofFirst).containsExactly("replica-started", "replica-lost", "replaced", "replica-removed");
    }

    private void nothingIsLeft() throws Exception {
        assertThat(rest().get("/workloads").expect(200)).isEmpty();
        assertThat(oracle.rows()).isEmpty();
        isWhole();
        assertThat(machines.left()).isEmpty();
        Path database = Databases.in(machines.cluster().gatewayState());
        assertThat(Databases.strings(database, "SELECT number FROM replicas")).isEmpty();
        assertThat(Databases.strings(database, "SELECT name FROM workloads")).isEmpty();
    }

    /** Under another policy, at the same server. */
    private void replicasOfASnapshot() throws Exception {
        rest().post("/vms", Map.of("name", "src", "cpu_cores", 1, "memory_mb", 64))
                .expect(201);
        rest().post("/vms/src/snapshot", Map.of("name", "small")).expect(201);
        machines.delete("src").expect(204);
        rest().post(
                        "/workloads",
                        Map.of(
                                "name",
                                "web",
                                "template",
                                Map.of("snapshot", "small"),
                                "replicas",
                                2,
                                "restart",
                                "never"))
                .expect(201);
        await("web", running(2));
        assertThat(machines.vm("web-2").path("memory_mb").asInt()).isEqualTo(64);

        ProcessHandle.of(pid("web-1")).orElseThrow().destroyForcibly();
        JsonNode ended =
                await("web", seen -> member(seen, 1).path("state").asString().equals("ended"));
        assertThat(member(ended, 1).path("phase").asString()).isEqualTo("crashed");
        rest().send("PATCH", "/workloads/web", Map.of("restart", "on-failure"), Map.of())
                .expect(200);
        await("web", running(2));
        rest().send("DELETE", "/workloads/web", null, Map.of()).expect(204);
        rest().send("DELETE", "/snapshots/small", null, Map.of()).expect(204);
        nothingIsLeft();
    }
}
