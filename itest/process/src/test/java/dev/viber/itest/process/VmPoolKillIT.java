package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.process.HostOracle.Row;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Server, viber, hypervisors and Chromes are killed at random instants of browsers being taken, made and given back. Afterwards
 * whoever asked has one browser of their own or a reason, and the host holds what the rows say.
 */
@EnabledIfSystemProperty(named = "network", matches = "own", disabledReason = "it would change the host's")
@Timeout(value = 25, unit = TimeUnit.MINUTES)
class VmPoolKillIT {
    private static final String HOST = "192.168.127.1";
    private static final String VIBER = "viber-k";
    private static final int MOST = 3;
    /** One is left for a task. */
    private static final int HELD = MOST - 1;

    /** So soon that what is held falls asleep, and is woken, at instants of its own. */
    private static final int STANDBY_S = 1;

    private static final long PATIENCE = Duration.ofMinutes(4).toNanos();

    private enum Victim {
        SERVER,
        HYPERVISOR,
        CHROME,
        VIBER
    }

    private final long seed = Seed.get();
    private final Random random = new Random(seed);
    private final List<Victim> next = new ArrayList<>();
    private final CountDownLatch never = new CountDownLatch(1);
    private final Map<String, Integer> met = new ConcurrentSkipListMap<>();
    /** The sessions that are somebody's, with the VM of each. */
    private final Map<String, String> held = new TreeMap<>();

    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private int names;
    private boolean ended;
    private Machines machines;
    private Cluster cluster;
    private HostOracle oracle;
    private BrowserSite site;
    private String token;

    @TempDir
    Path dir;

    @Test
    void whoAsksHasOneBrowserOrAReason() throws Exception {
        site = new BrowserSite(InetAddress.getByName("0.0.0.0"), HOST);
        machines = Machines.withBlank(dir);
        cluster = machines.cluster();
        cluster.startGateway();
        oracle = new HostOracle(cluster.gatewayState());
        cluster.rest()
                .post(
                        "/pools",
                        Map.of(
                                "name",
                                "web",
                                "snapshot",
                                "blank",
                                "warm",
                                1,
                                "most",
                                MOST,
                                "standby_s",
                                STANDBY_S,
                                "egress",
                                List.of(HOST + ":" + site.port())))
                .expect(201);
        token = cluster.issueToken(VIBER).path("token").asString();
        cluster.startViber(VIBER, token);

        int cycles = Integer.getInteger("pool.kills", 4);
        for (int cycle = 0; cycle < cycles; cycle++) {
            cycle(cycle);
        }
        end(cycles);
    }

    /** What a test that failed left would be in the way of the next ones. */
    @AfterEach
    void stop() throws Exception {
        site.close();
        if (!ended) {
            try {
                cluster.rest().send("DELETE", "/pools/web", null, Map.of());
            } finally {
                machines.close();
            }
        }
    }

    private void end(int cycles) throws Exception {
        for (String id : held.keySet()) {
            release(id);
        }
        assertThat(cluster.viber().terminate()).isZero();
        cluster.rest().send("DELETE", "/pools/web", null, Map.of()).expect(204);
        cluster.rest().send("DELETE", "/snapshots/blank", null, Map.of()).expect(204);
        assertThat(oracle.rows()).isEmpty();
        assertThat(whole()).isEmpty();
        assertThat(machines.left()).isEmpty();
        assertThat(Databases.strings(
                        Databases.in(cluster.gatewayState()),
                        "SELECT key FROM value WHERE key LIKE 'pool/%' OR key LIKE 'browser-session/%'"
                                + " OR key LIKE 'browser-used/%'"))
                .isEmpty();
        String text = "seed %d: %d kills%n%s%n".formatted(seed, cycles, met);
        System.out.println(text);
        Files.writeString(Path.of(System.getProperty("basedir", "."), "target", "vm-pool-kill.txt"), text);
        machines.close();
        ended = true;
    }

    private void cycle(int cycle) throws Exception {
        Map<String, Rest.Answer> answers = new ConcurrentHashMap<>();
        List<Thread> requests = new ArrayList<>();
        Set<String> asked = new HashSet<>();
        Set<String> given = new HashSet<>();
        for (String id : List.copyOf(held.keySet())) {
            if (random.nextInt(HELD + 1) < held.size()) {
                given.add(id);
                held.remove(id);
                requests.add(begin(() -> release(id)));
            }
        }
        while (held.size() + asked.size() < HELD) {
            asked.add("s-" + names++);
        }
        for (String id : asked) {
            requests.add(begin(() -> answers.put(id, acquire(id, 240))));
        }
        // More than there can be, and no patience: a browser or a reason, at once.
        String hasty = "hasty-" + names++;
        boolean isHasty = random.nextInt(3) == 0;
        if (isHasty) {
            asked.add(hasty);
            requests.add(begin(() -> answers.put(hasty, acquire(hasty, 0))));
        }
        for (Map.Entry<String, String> each : held.entrySet()) {
            if (random.nextBoolean()) {
                requests.add(begin(() -> use(each.getValue(), each.getKey())));
            }
        }
        String task = random.nextBoolean() ? submit() : null;

        // never counts down: this is the random instant, not a wait for something; half of them fall into the beginning
        never.await(random.nextInt(random.nextBoolean() ? 150 : 4000), TimeUnit.MILLISECONDS);
        Victim victim = victim();
        String where = "cycle %d, %s killed, asked %s, given back %s, held %s, task %s, seed %d"
                .formatted(cycle, victim, asked, given, held, task, seed);
        System.out.println(where);
        count("when killed");
        String killed = kill(victim);
        met.merge(
                victim + (killed.isEmpty() && victim != Victim.SERVER && victim != Victim.VIBER ? " none" : ""),
                1,
                Integer::sum);
        for (Thread request : requests) {
            request.join();
        }
        assertThat(failures).as(where).isEmpty();
        assertThat(answers.keySet()).as(where).isEqualTo(asked);
        answers.forEach((id, answer) -> {
            met.merge(answer.status() == 201 ? "given" : "refused with a reason", 1, Integer::sum);
            if (answer.status() == 201) {
                held.put(id, answer.body().path("vm").asString());
            } else {
                assertThat(answer.status()).as("%s: %s", where, answer).isEqualTo(503);
                assertThat(answer.body().path("detail").asString())
                        .as(where)
                        .contains("no browser of pool web came free");
                assertThat(id).as("%s: %s", where, answer).isEqualTo(hasty);
            }
        });
        if (held.remove(hasty) != null) {
            release(hasty); // the task may wait for it
        }
        if (task != null) {
            end(task, where);
        }
        verify(where, victim == Victim.HYPERVISOR ? killed : "");
    }

    /** What the sessions, their browsers and the host are like when all has come to rest. */
    private void verify(String where, String gone) throws Exception {
        List<String> lost = held.entrySet().stream()
                .filter(each -> each.getValue().equals(gone))
                .map(Map.Entry::getKey)
                .toList();
        lost.forEach(held::remove);
        long end = System.nanoTime() + PATIENCE;
        Map<String, String> seen = sessions();
        while (!seen.equals(held) && System.nanoTime() < end) {
            never.await(100, TimeUnit.MILLISECONDS); // a dead machine, or a task's end, is taken note of by and by
            seen = sessions();
        }
        assertThat(seen).as(where).isEqualTo(held);
        count("when all is at rest");
        assertThat(new HashSet<>(held.values()))
                .as("%s: none has another's", where)
                .hasSize(held.size());
        for (Map.Entry<String, String> each : held.entrySet()) {
            assertThat(mark(each.getValue(), each.getKey()))
                    .as("%s: %s", where, each)
                    .isEqualTo(each.getKey());
        }
        assertThat(whole()).as(where).isEmpty();
        Map<String, Row> rows = oracle.rows();
        assertThat(rows.keySet()).as(where).containsAll(held.values());
        assertThat(rows.size()).as("%s: %s", where, rows.keySet()).isLessThanOrEqualTo(MOST);
    }

    private Map<String, String> sessions() throws Exception {
        Map<String, String> out = new TreeMap<>();
        cluster.insist(rest -> Rest.served(rest.get("/pools/web")))
                .expect(200)
                .path("sessions")
                .forEach(each ->
                        out.put(each.path("id").asString(), each.path("vm").asString()));
        return out;
    }

    /** The name in the page's memory, set where there is none: whoever were given a browser that was another's would see theirs. */
    private String mark(String vm, String id) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        Rest.Answer answer = evaluate(vm, id);
        while (answer.status() != 200 && System.nanoTime() < end) {
            never.await(200, TimeUnit.MILLISECONDS); // a Chrome that was killed is being healed
            answer = evaluate(vm, id);
        }
        return answer.expect(200).path("result").asString();
    }

    private Rest.Answer evaluate(String vm, String id) throws Exception {
        return cluster.insist(rest -> Rest.served(evaluate(rest, vm, id)));
    }

    private static Rest.Answer evaluate(Rest rest, String vm, String id) throws IOException, InterruptedException {
        return rest.post(
                "/vms/" + vm + "/agent/v1/script/evaluate", Map.of("expression", "globalThis.mark ??= '" + id + "'"));
    }

    /** Wakes a browser that stands by; it may be killed in the midst of that. */
    private void use(String vm, String id) throws InterruptedException {
        try {
            met.merge("used while killed: " + evaluate(cluster.rest(), vm, id).status(), 1, Integer::sum);
        } catch (IOException e) {
            met.merge("used while killed: no answer", 1, Integer::sum);
        }
    }

    /** How many browsers stand by at this instant, held or kept ready. */
    private void count(String when) throws IOException, SQLException {
        oracle.rows().values().stream()
                .filter(row -> row.phase().equals("standby"))
                .forEach(row -> met.merge("standing by " + when, 1, Integer::sum));
    }

    /** Each kind comes once before any comes again, so that a few cycles meet all of them. */
    private Victim victim() {
        if (next.isEmpty()) {
            next.addAll(List.of(Victim.values()));
            Collections.shuffle(next, random);
        }
        return next.removeLast();
    }

    private String kill(Victim victim) throws Exception {
        return switch (victim) {
            case SERVER -> {
                cluster.killGateway();
                cluster.startGateway();
                yield "";
            }
            case VIBER -> {
                cluster.viber().kill();
                cluster.startViber(VIBER, token);
                yield "";
            }
            case HYPERVISOR ->
                killOne(oracle.rows().values().stream().filter(Row::runs).toList());
            case CHROME -> crashOne(List.copyOf(sessions().values()));
        };
    }

    private String killOne(List<Row> running) {
        if (running.isEmpty()) {
            return "";
        }
        Row row = running.get(random.nextInt(running.size()));
        ProcessHandle.of(row.pid()).ifPresent(ProcessHandle::destroyForcibly);
        return row.name();
    }

    /** Has the Chrome of one of these guests end without a word. */
    private String crashOne(List<String> vms) throws Exception {
        if (vms.isEmpty()) {
            return "";
        }
        String vm = vms.get(random.nextInt(vms.size()));
        try (HttpClient http = HttpClient.newHttpClient()) {
            WebSocket socket = http.newWebSocketBuilder()
                    .header("Authorization", "Bearer " + machines.token())
                    .buildAsync(
                            URI.create(cluster.api().replace("http", "ws") + "/vms/" + vm + "/devtools"),
                            new WebSocket.Listener() {})
                    .get(1, TimeUnit.MINUTES);
            socket.sendText("{\"id\":1,\"method\":\"Browser.crash\"}", true).get(1, TimeUnit.MINUTES);
            http.shutdownNow();
        } catch (ExecutionException | TimeoutException e) {
            met.merge("Chrome not there to be killed", 1, Integer::sum); // its session was given back meanwhile
            return "";
        }
        return vm;
    }

    private Rest.Answer acquire(String id, int patience) throws InterruptedException {
        return cluster.insist(rest -> {
            Rest.Answer answer =
                    rest.post("/pools/web/acquire", Map.of("id", id, "patience_s", Math.min(patience, 50)));
            if (answer.status() == 503
                    && (patience > 0
                            || !answer.body().path("detail").asString().contains("no browser of pool web came free"))) {
                throw new IOException("asked again: " + answer.body());
            }
            return answer;
        });
    }

    private Rest.Answer release(String id) throws InterruptedException {
        Rest.Answer answer = cluster.insist(rest -> Rest.served(rest.post("/pools/web/release", Map.of("id", id))));
        assertThat(answer.status()).as("%s: %s", id, answer).isIn(200, 404);
        return answer;
    }

    private String submit() throws InterruptedException {
        Map<String, Object> body = new HashMap<>(Map.of("goal", "look", "viberId", VIBER));
        body.put("options", Map.of("playbook", """
                name: look
                steps:
                  - {id: open, tool: browser.open, with: {url: "%1$s/login", timeoutMs: 240000}, retry: {times: 5}}
                  - {id: read, tool: browser.read, needs: [open], with: {timeoutMs: 240000}, retry: {times: 5}}
                  - {id: again, tool: browser.open, needs: [read], with: {url: "%1$s/login", timeoutMs: 240000}, retry: {times: 5}}
                outputs: {title: "${{ steps.again.result.title }}"}
                """.formatted(site.url())));
        return cluster.insist(rest -> Rest.served(rest.post("/tasks", body)))
                .expect(201)
                .path("id")
                .asString();
    }

    private void end(String task, String where) throws Exception {
        new Sse(task).followToEnd(cluster, event -> {});
        JsonNode last =
                cluster.insist(rest -> Rest.served(rest.get("/tasks/" + task))).expect(200);
        met.merge("task " + last.path("phase").asString(), 1, Integer::sum);
        assertThat(last.path("phase").asString()).as("%s: %s", where, last).isEqualTo("completed");
        assertThat(last.path("result").toString()).as(where).contains("Login");
    }

    /** In a thread of its own; what fails there is looked at when all have ended. */
    private Thread begin(Deed deed) {
        return Thread.ofVirtual().start(() -> {
            try {
                deed.work();
            } catch (Exception | AssertionError e) {
                failures.add(e);
            }
        });
    }

    private interface Deed {
        void work() throws Exception;
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
