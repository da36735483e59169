package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.itest.process.Promises.Promise;
import dev.viber.itest.process.Trace.Call;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing is promised before it is on the disk, seen at the system calls.
 *
 * <p>The gateway runs under strace from the birth of its database on, and is killed under load. The writes, truncations and
 * syncs of the database and its write-ahead log are then replayed up to chosen instants, as a disk that loses what was not
 * synced; what the gateway's sockets had promised until then must be in what SQLite makes of the rest.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DurabilityIT {
    private static final String VIBER = "viber-trace";
    private static final int TASKS = 16;
    private static final int RANDOM_INSTANTS = 100;
    private static final int FRAME_HEAD = 24;
    private static final int LOG_HEAD = 32;

    /** A transaction in the write-ahead log: the text in its pages, and the line on which its last write had returned. */
    private record Transaction(String text, int end) {}

    private final Random random = new Random(Seed.get());

    @TempDir
    Path dir;

    @Test
    void promisesComeAfterTheSync() throws Exception {
        Path trace = dir.resolve("trace");
        List<Call> calls = traced(trace);
        Path database = Databases.in(dir.resolve("gateway")).toRealPath();
        List<Call> files = calls.stream()
                .filter(call -> call.target().startsWith(database.toString()))
                .toList();
        List<Promise> promises = Promises.in(
                calls.stream().filter(call -> call.target().startsWith("TCP")).toList());
        List<Promise> taken = promises.stream().filter(p -> p.vseq() == 0).toList();
        assertThat(taken).as("tasks answered with 201").hasSizeGreaterThanOrEqualTo(TASKS);
        assertThat(promises).as("acks of a viber's frames").hasSizeGreaterThan(taken.size() + TASKS);

        List<Call> log = files.stream()
                .filter(call -> call.target().equals(database + "-wal"))
                .toList();
        List<Transaction> transactions = transactions(log);
        PowerCut beforeSync = new PowerCut(database, files);
        for (Promise promise : taken) {
            Transaction transaction = transactions.stream()
                    .filter(written -> written.text().contains(promise.taskId()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(promise + " is in no transaction"));
            assertThat(log)
                    .as("a sync between line %d, the end of the log's write, and %s", transaction.end(), promise)
                    .anyMatch(call -> call.isSync() && call.begin() > transaction.end() && call.end() < promise.line());
            beforeSync.advanceTo(transaction.end() + 1);
            assertThat(tasks(beforeSync.cut(dir.resolve("before"))))
                    .as("the model loses what was not synced")
                    .doesNotContainKey(promise.taskId());
        }
        survivesPowerCuts(database, files, promises);
    }

    private List<Call> traced(Path trace) throws Exception {
        try (Cluster cluster = new Cluster(dir).under(Trace.command(trace))) {
            Files.writeString(cluster.workspace().resolve(Workload.SOURCE), "what there is to read\n");
            cluster.startGateway();
            cluster.startViber(VIBER, cluster.issueToken(VIBER).path("token").asString());
            try (Clients clients = new Clients(cluster, VIBER, new Workload(random), dir.resolve("book"))) {
                for (int i = 0; i < TASKS; i++) {
                    clients.submit();
                }
                clients.drain();
            }
            // and a kill in the midst of work
            Workload more = new Workload(random);
            for (int i = 0; i < 4; i++) {
                cluster.rest().post("/tasks", more.next().body(VIBER)).expect(201);
            }
            cluster.killGateway();
            String port = ":" + cluster.port() + "->";
            String state = cluster.gatewayState().toRealPath().toString();
            return Trace.read(trace, target -> target.contains(port) || target.startsWith(state));
        }
    }

    /** The committed transactions of a write-ahead log, from the writes to it. */
    private static List<Transaction> transactions(List<Call> log) {
        List<Transaction> transactions = new ArrayList<>();
        StringBuilder pages = new StringBuilder();
        boolean commit = false;
        for (Call call : log) {
            if (!call.name().equals("pwrite64") || call.offset() < LOG_HEAD) {
                continue;
            }
            ByteBuffer bytes = ByteBuffer.wrap(call.data());
            if (bytes.remaining() == FRAME_HEAD) {
                // the size of the database after the commit; 0 where the transaction goes on
                commit = bytes.getInt(Integer.BYTES) != 0;
                continue;
            }
            pages.append(new String(call.data(), StandardCharsets.ISO_8859_1));
            if (commit) {
                transactions.add(new Transaction(pages.toString(), call.end()));
                pages.setLength(0);
                commit = false;
            }
        }
        assertThat(transactions).as("transactions in the write-ahead log").isNotEmpty();
        return transactions;
    }

    private void survivesPowerCuts(Path database, List<Call> files, List<Promise> promises) throws Exception {
        Set<Integer> chosen = new HashSet<>();
        promises.forEach(promise -> chosen.add(promise.line()));
        List<Call> syncs = files.stream().filter(Call::isSync).toList();
        for (int i = 0; i < RANDOM_INSTANTS; i++) {
            chosen.add(syncs.get(random.nextInt(syncs.size())).end() + 1);
        }
        PowerCut power = new PowerCut(database, files);
        Map<String, Long> promised = new HashMap<>();
        int next = 0;
        int checked = 0;
        for (int instant : chosen.stream().sorted().toList()) {
            for (; next < promises.size() && promises.get(next).line() <= instant; next++) {
                promised.merge(promises.get(next).taskId(), promises.get(next).vseq(), Math::max);
            }
            if (promised.isEmpty()) {
                continue;
            }
            power.advanceTo(instant);
            assertKept(promised, tasks(power.cut(dir.resolve("cut"))), "line %d, unsynced lost".formatted(instant));
            assertKept(promised, tasks(power.tear(dir.resolve("torn"), random)), "line %d, torn".formatted(instant));
            checked += promised.size();
        }
        assertThat(checked).as("promises looked for").isPositive();
        System.out.printf(
                "%d instants, %d promises, each looked for in what was left: %d checks%n",
                chosen.size(), promises.size(), 2 * checked);
    }

    private static void assertKept(Map<String, Long> promised, Map<String, Long> kept, String instant) {
        promised.forEach((taskId, vseq) -> assertThat(kept.getOrDefault(taskId, -1L))
                .as("task %s, promised up to vseq %d, after a power cut at %s", taskId, vseq, instant)
                .isGreaterThanOrEqualTo(vseq));
    }

    /** Every task in this database, with the last of its viber's frames that was taken in. */
    private static Map<String, Long> tasks(Path database) throws Exception {
        if (Files.size(database) == 0 && Files.size(Path.of(database + "-wal")) == 0) {
            return Map.of();
        }
        assertThat(Databases.strings(database, "PRAGMA quick_check")).containsExactly("ok");
        Map<String, Long> tasks = new TreeMap<>();
        for (String row : Databases.strings(database, "SELECT id || ' ' || peer_seq FROM task")) {
            tasks.put(row.substring(0, row.indexOf(' ')), Long.parseLong(row.substring(row.indexOf(' ') + 1)));
        }
        return tasks;
    }
}
