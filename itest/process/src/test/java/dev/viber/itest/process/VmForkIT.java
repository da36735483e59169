package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.guest.Pages;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A running, logged-in browser is kept, made again and multiplied; each of the copies is a machine of its own. */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class VmForkIT {
    private static final String HOST = "192.168.127.1";
    private static final int FORKS = Integer.getInteger("vm.forks", 4);

    @TempDir
    Path dir;

    private Machines machines;
    private Pages pages;
    private Path snapshots;
    private final List<String> report = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        pages = new Pages(InetAddress.getByName("0.0.0.0"), HOST, HOST, 0);
        machines = new Machines(dir, System.getProperty("vm.images"));
        machines.cluster().startGateway();
        snapshots = machines.cluster().gatewayState().resolve("snapshots");
        // Booted, not made of a snapshot: the memory of a clone is no file that forks could share.
        rest().post(
                        "/vms",
                        Map.of(
                                "name",
                                "src",
                                "cpu_cores",
                                2,
                                "memory_mb",
                                1024,
                                "egress",
                                List.of(HOST + ":" + pages.port())))
                .expect(201);
        machines.await("src", "ready");
        agent("src", "browser/navigate", "url", pages.url("/one"));
        value("src", "document.cookie = 'user=anna; max-age=9999'; sessionStorage.name = 'anna'; globalThis.count = 1");
    }

    @AfterEach
    void stop() throws Exception {
        report.forEach(System.out::println);
        Files.write(Path.of(System.getProperty("basedir", "."), "target", "vm-fork-report.txt"), report);
        pages.close();
        machines.close();
    }

    private Rest rest() throws Exception {
        return machines.cluster().rest();
    }

    private JsonNode agent(String vm, String call, String name, String value) throws Exception {
        return rest().post("/vms/" + vm + "/agent/v1/" + call, Map.of(name, value))
                .expect(200);
    }

    private JsonNode value(String vm, String expression) throws Exception {
        return agent(vm, "script/evaluate", "expression", expression).path("result");
    }

    /** What tells a machine from another. */
    private record Self(String address, String mac, String machineId, String java, String chrome) {}

    /** It is what the source was: its page, logged in, goes on counting; and it is itself. */
    private Self itself(String vm, int count) throws Exception {
        JsonNode seen = value(
                vm,
                "({count: ++count, page: document.title + document.cookie + sessionStorage.name,"
                        + " drawn: [...crypto.getRandomValues(new Uint32Array(4))].join()})");
        assertThat(seen.path("count").asInt()).as(vm).isEqualTo(count);
        assertThat(seen.path("page").asString()).isEqualTo("Oneuser=annaanna");
        JsonNode shown = machines.vm(vm);
        JsonNode guest = shown.path("guest");
        assertThat(guest.path("hostname").asString()).isEqualTo(vm);
        return new Self(
                shown.path("ip_address").asString(),
                shown.path("mac_address").asString(),
                guest.path("machine-id").asString(),
                guest.path("instance").asString(),
                seen.path("drawn").asString());
    }

    /** It goes its own way: another page, and another who is logged in. */
    private void turnAway(String vm) throws Exception {
        agent(vm, "browser/navigate", "url", pages.url("/two"));
        value(vm, "document.cookie = 'user=" + vm + "'");
    }

    private String page(String vm) throws Exception {
        return value(vm, "document.title + document.cookie").asString();
    }

    @Test
    void forksOfALoggedInPageEachGoTheirOwnWay() throws Exception {
        long begin = System.nanoTime();
        JsonNode forks =
                rest().post("/vms/src/fork?wait=ready", Map.of("count", FORKS)).expect(201);
        report.add("fork of %d, all ready: %.1f s (emulated)".formatted(FORKS, (System.nanoTime() - begin) / 1e9));
        assertThat(forks.size()).isEqualTo(FORKS);
        List<String> names = new ArrayList<>(List.of("src"));
        forks.forEach(fork -> names.add(fork.path("name").asString()));
        List<Self> all = new ArrayList<>();
        for (String name : names) {
            all.add(itself(name, 2));
        }
        for (String name : names) {
            turnAway(name);
        }
        for (String name : names) {
            assertThat(page(name)).isEqualTo("Twouser=" + name);
        }
        for (var part : List.<java.util.function.Function<Self, String>>of(
                Self::address, Self::mac, Self::machineId, Self::java, Self::chrome)) {
            Set<String> values = new HashSet<>(all.stream().map(part).toList());
            assertThat(values).as(all.toString()).hasSize(FORKS + 1).doesNotContain("");
        }
        // The template of the forks is gone when the last of them is itself.
        assertThat(left()).isEmpty();

        // A server that is killed finds them, and a fork of a fork is one, too.
        machines.cluster().killGateway();
        machines.cluster().startGateway();
        rest().post("/vms/src-f1/fork?wait=ready", Map.of("names", List.of("second")))
                .expect(201);
        assertThat(page("second")).isEqualTo("Twouser=src-f1");
        assertThat(machines.vm("second").path("guest").path("instance"))
                .isNotEqualTo(machines.vm("src-f1").path("guest").path("instance"));

        for (JsonNode vm : machines.all()) {
            machines.delete(vm.path("name").asString()).expect(204);
        }
        assertThat(machines.left()).isEmpty();
        assertThat(left()).isEmpty();
    }

    private List<String> left() throws Exception {
        if (!Files.exists(snapshots)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(snapshots)) {
            return files.map(Path::toString).toList();
        }
    }

    @Test
    void aSnapshotOutlivesItsVmAndItsServerAndIsRefusedWhereItWouldNotRun() throws Exception {
        JsonNode made =
                rest().post("/vms/src/snapshot", Map.of("name", "logged-in")).expect(201);
        assertThat(made.path("bound_to").asString()).contains("qemu", "image");
        assertThat(rest().post("/vms/src/snapshot", Map.of("name", "logged-in")).status())
                .isEqualTo(409);
        assertThat(value("src", "++count").asInt()).as("it goes on as it was").isEqualTo(2);
        machines.delete("src").expect(204);
        machines.cluster().killGateway();
        machines.cluster().startGateway();

        Map<String, Object> wanted =
                Map.of("name", "again", "snapshot", "logged-in", "egress", List.of(HOST + ":" + pages.port()));
        JsonNode refused = rest().post("/vms", Map.of("name", "big", "snapshot", "logged-in", "memory_mb", 4096))
                .expect(422);
        assertThat(refused.path("detail").asString()).contains("memory_mb", "snapshot's");
        assertThat(rest().post("/vms", Map.of("name", "no", "snapshot", "nothing"))
                        .status())
                .isEqualTo(404);
        JsonNode again = rest().post("/vms?wait=ready", wanted).expect(201);
        assertThat(again.path("snapshot").asString()).isEqualTo("logged-in");
        itself("again", 2);
        turnAway("again");
        // What was restored boots like any other when it is started over.
        assertThat(machines.vms("restart", "again", "--wait")).contains("VM again is ready");
        agent("again", "browser/navigate", "url", pages.url("/one"));
        assertThat(value("again", "document.cookie").asString()).isEmpty();

        // Its files are only read; when they are not what they were, nothing is made of them.
        machines.cluster().killGateway();
        Path memory = snapshots.resolve(made.path("id").asString()).resolve("memory");
        assertThat(memory.toFile().setWritable(true)).isTrue();
        try (var file = new java.io.RandomAccessFile(memory.toFile(), "rw")) {
            file.seek(1 << 20);
            file.write(file.read() + 1);
        }
        machines.cluster().startGateway();
        JsonNode torn = rest().post("/vms", Map.of("name", "torn", "snapshot", "logged-in"))
                .expect(409);
        assertThat(torn.path("detail").asString()).contains("memory", "is not what was written");
        rest().send("DELETE", "/snapshots/logged-in", null, Map.of()).expect(204);
        assertThat(left()).isEmpty();
        assertThat(rest().get("/snapshots").expect(200).size()).isZero();
    }
}
