package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Whatever is sent to a gateway, it answers plainly, keeps what it has and goes on serving the others. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class HostileIT {
    private static final String VICTIM = "victim";
    private static final String MALLORY = "mallory";
    private static final int MALLORIES = 8;
    private static final int BURST = 200;
    private static final int TOO_MANY = 429;
    private static final int INTERNAL_ERROR = 1011;
    private static final byte[] PONG = "{\"type\":\"pong\"}".getBytes(StandardCharsets.UTF_8);

    private final int frames = Integer.getInteger("hostile", 20_000);
    private final Random random = new Random(Seed.get());
    private final List<Sse> watched = new ArrayList<>();

    @TempDir
    Path dir;

    private Cluster cluster;
    private final List<String> tokens = new ArrayList<>();
    private int threads;
    private int descriptors;

    @BeforeEach
    void start() throws Exception {
        cluster = new Cluster(dir);
        cluster.startGateway();
        for (int i = 0; i < MALLORIES; i++) {
            tokens.add(cluster.issueToken(MALLORY + i).path("token").asString());
        }
        Files.writeString(cluster.workspace().resolve(Workload.SOURCE), "what there is to read\n");
        cluster.startViber(VICTIM, cluster.issueToken(VICTIM).path("token").asString());
        threads = Daemon.count(cluster.gateway().pid(), "task");
        descriptors = Daemon.count(cluster.gateway().pid(), "fd");
    }

    /** What was there before is there, whole; the others noticed nothing; nothing is left behind. */
    @AfterEach
    void stop() throws Exception {
        try {
            work();
            for (Sse follower : watched) {
                follower.await(cluster.rest(), Sse.Event::isLast);
                assertThat(follower.events().getLast().kind()).isEqualTo("completed");
                assertThat(follower.events())
                        .extracting(Sse.Event::seq)
                        .isEqualTo(LongStream.rangeClosed(1, follower.events().size())
                                .boxed()
                                .toList());
            }
            JsonNode viber = cluster.rest().get("/vibers/" + VICTIM).expect(200);
            assertThat(viber.path("status").asString()).isEqualTo("online");
            String log = cluster.gateway().log();
            assertThat(log).as("its log").doesNotContain("\tat ").doesNotContain("SEVERE");
            cluster.closeConnections();
            int now = Patience.until(
                    () -> Daemon.count(cluster.gateway().pid(), "fd"), count -> count <= descriptors + 24);
            assertThat(now).as("descriptors, before %d", descriptors).isLessThanOrEqualTo(descriptors + 24);
            int left =
                    Patience.until(() -> Daemon.count(cluster.gateway().pid(), "task"), count -> count <= threads + 16);
            assertThat(left).as("threads, before %d", threads).isLessThanOrEqualTo(threads + 16);
            assertThat(cluster.gateway().terminate()).isZero();
        } finally {
            cluster.close();
        }
    }

    /** Hands in a task for the victim, to be looked at when all is over. */
    private String work() throws Exception {
        Workload.Job job = new Workload(random).next();
        Files.deleteIfExists(cluster.workspace().resolve(job.file()));
        String task = cluster.rest()
                .post("/tasks", job.body(VICTIM))
                .expect(201)
                .path("id")
                .asString();
        watched.add(new Sse(task));
        return task;
    }

    @Test
    void badFramesHarmNobody() throws Exception {
        String theirs = work();
        List<List<String>> good = new ArrayList<>();
        for (int i = 0; i < MALLORIES; i++) {
            Map<String, Object> mine = Map.of("goal", "mine", "viberId", MALLORY + i);
            JsonNode own = cluster.rest().post("/tasks", mine).expect(201);
            good.add(goodFrames(MALLORY + i, theirs, own.path("id").asString()));
        }
        Mutations mutations = new Mutations(random);
        Map<Integer, Integer> closed = new TreeMap<>();
        for (int sent = 0; sent < frames; sent += BURST) {
            int who = sent / BURST % MALLORIES;
            closed.merge(burst(who, mutations, good.get(who)), 1, Integer::sum);
            if (random.nextInt(20) == 0) {
                work();
            }
        }
        System.out.printf("%d bad frames; connections by close code %s%n", frames, closed);
        // One who returns before the gateway is through with all he sent may look like two, and is told to wait.
        assertThat(closed.getOrDefault(TOO_MANY, 0)).isLessThan(frames / BURST / 2);
        assertThat(closed).doesNotContainKey(INTERNAL_ERROR);
        JsonNode events = cluster.rest().get("/tasks/" + theirs + "/events").expect(200);
        assertThat(events.toString()).as("nothing forged").doesNotContain("forged");
    }

    private static List<String> goodFrames(String self, String theirs, String own) {
        List<String> out = new ArrayList<>();
        out.add(
                "{\"type\":\"heartbeat\",\"status\":{\"status\":\"online\",\"capacity\":2,\"tools\":[],\"machine\":{}}}");
        out.add("{\"type\":\"connected\",\"viber\":{\"id\":\"%s\",\"capabilities\":[\"forged\"]}}".formatted(self));
        out.add("{\"type\":\"connected\",\"viber\":{\"id\":\"victim\",\"capabilities\":[]}}");
        out.add("{\"type\":\"ack\",\"cmd\":1}");
        out.add("{\"type\":\"ping\"}");
        for (String task : List.of(theirs, own, "no-such-task", "../" + theirs)) {
            String about = "\"taskId\":\"%s\",\"attempt\":1,\"vseq\":1".formatted(task);
            out.add("{\"type\":\"task:started\",%s,\"spaceId\":\"forged\"}".formatted(about));
            out.add("{\"type\":\"task:progress\",%s,\"event\":{\"kind\":\"text\",\"delta\":\"forged\"}}"
                    .formatted(about));
            out.add("{\"type\":\"task:completed\",\"taskId\":\"%s\",\"result\":{\"summary\":\"forged\"}}"
                    .formatted(task));
            out.add("{\"type\":\"task:error\",%s,\"error\":\"forged\"}".formatted(about));
            out.add("{\"type\":\"task:approval\",%s,\"approvalId\":\"a\",\"arguments\":{},\"reason\":\"forged\"}"
                    .formatted(about));
        }
        return out;
    }

    /** One connection full of bad frames; the code it was closed with. */
    private int burst(int who, Mutations mutations, List<String> good) throws IOException {
        try (RawSocket socket = new RawSocket(cluster.port())) {
            int status = socket.upgrade(tokens.get(who));
            if (status == TOO_MANY) {
                return status;
            }
            assertThat(status).isEqualTo(101);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            String connected = "{\"type\":\"connected\",\"viber\":{\"id\":\"%s\",\"features\":[%s]}}"
                    .formatted(MALLORY + who, random.nextBoolean() ? "\"ack\",\"welcome\"" : "");
            text(bytes, connected.getBytes(StandardCharsets.UTF_8));
            for (int i = 0; i < BURST; i++) {
                text(bytes, readableMostly(mutations.of(good)));
                // A good one now and then, or ten bad ones in a row would end it early each time.
                if (i % 5 == 0) {
                    text(bytes, PONG);
                }
            }
            bytes.writeBytes(RawSocket.frame(
                    0x80 | RawSocket.CLOSE,
                    ByteBuffer.allocate(2).putShort((short) 1000).array(),
                    true));
            Thread.ofVirtual().start(() -> {
                try {
                    socket.send(bytes.toByteArray());
                } catch (IOException e) {
                    // closed in the middle of it, which the reader is told as well
                }
            });
            return socket.awaitClose();
        }
    }

    /** What is not UTF-8 ends the connection with 1007, rightly: too often, and nothing behind it is ever read. */
    private byte[] readableMostly(byte[] frame) {
        return random.nextInt(1_000) == 0
                ? frame
                : new String(frame, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    }

    private static void text(ByteArrayOutputStream bytes, byte[] payload) {
        bytes.writeBytes(RawSocket.frame(0x80 | RawSocket.TEXT, payload, true));
    }

    @Test
    void brokenFramingIsClosedWithItsCode() throws Exception {
        byte[] hello = "{\"type\":\"connected\",\"viber\":{\"id\":\"mallory0\"}}".getBytes(StandardCharsets.UTF_8);
        byte[] large = new byte[70 * 1024];
        java.util.Arrays.fill(large, (byte) 'x');
        byte[] huge = RawSocket.frame(0x81, new byte[0], true);
        huge[1] = (byte) 0xff;
        byte[] tooLong = ByteBuffer.allocate(14)
                .put(huge, 0, 2)
                .putLong(Long.MAX_VALUE)
                .putInt(0)
                .array();
        assertThat(closedAfter(RawSocket.frame(0x81, large, true)))
                .as("more than 64 KiB before 'connected'")
                .isEqualTo(1009);
        assertThat(closedAfter(RawSocket.frame(0x81, "{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8), true)))
                .as("something else first")
                .isEqualTo(1002);
        assertThat(closedAfter(tooLong)).as("a length beyond all bounds").isIn(1002, 1009);
        assertThat(closedAfter(RawSocket.frame(0x81, hello, false)))
                .as("not masked")
                .isEqualTo(1002);
        assertThat(closedAfter(RawSocket.frame(0x83, hello, true)))
                .as("a reserved opcode")
                .isEqualTo(1002);
        assertThat(closedAfter(RawSocket.frame(0xf1, hello, true)))
                .as("reserved bits")
                .isEqualTo(1002);
        assertThat(closedAfter(RawSocket.frame(0x89, large, true)))
                .as("a large control frame")
                .isEqualTo(1002);
        assertThat(closedAfter(RawSocket.frame(0x81, new byte[] {(byte) 0xff, (byte) 0xfe}, true)))
                .as("not UTF-8")
                .isEqualTo(1007);
        ByteArrayOutputStream ten = new ByteArrayOutputStream();
        text(ten, hello);
        IntStream.range(0, 10).forEach(i -> text(ten, "{".getBytes(StandardCharsets.UTF_8)));
        assertThat(closedAfter(ten.toByteArray()))
                .as("ten malformed ones in a row")
                .isEqualTo(1007);
        // Half a handshake, and nothing more: held open while the others are served.
        try (RawSocket half = new RawSocket(cluster.port())) {
            half.send("GET /vibers/ws HTTP/1.1\r\nHost: 127.0.0.1\r\n".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(cluster.rest().get("/vibers").status()).isEqualTo(200);
        }
        for (int i = 0; i < 200; i++) {
            try (RawSocket noise = new RawSocket(cluster.port())) {
                byte[] bytes = new byte[random.nextInt(1, 2_000)];
                random.nextBytes(bytes);
                noise.send(bytes);
            } catch (java.net.SocketException e) {
                // closed at once: also an answer to noise
            }
        }
    }

    private int closedAfter(byte[] bytes) throws IOException {
        try (RawSocket socket = new RawSocket(cluster.port())) {
            assertThat(socket.upgrade(tokens.getFirst())).isEqualTo(101);
            socket.send(bytes);
            return socket.awaitClose();
        }
    }

    @Test
    void badBodiesAreAnsweredByWhatIsWrong() throws Exception {
        String task = work();
        record Call(String method, String path, List<String> good) {}
        String playbook = "name: x\\nsteps:\\n  - id: a\\n    tool: log\\n    with: {message: \\\"${{ 1 + 1 }}\\\"}\\n";
        List<Call> calls = List.of(
                new Call(
                        "POST",
                        "/tasks",
                        List.of(
                                "{\"goal\":\"g\",\"viberId\":\"nobody\",\"options\":{\"playbook\":\"" + playbook
                                        + "\",\"inputs\":{}}}",
                                "{\"goal\":\"g\",\"viberId\":\"nobody\",\"options\":{\"deadline\":\"2027-01-01T00:00:00Z\",\"budget\":{\"steps\":1}}}")),
                new Call("POST", "/tasks/" + task + "/messages", List.of("{\"message\":\"m\",\"mode\":\"steer\"}")),
                new Call("POST", "/approvals/none", List.of("{\"allow\":true,\"remember\":\"task\"}")),
                new Call(
                        "PATCH",
                        "/vibers/" + MALLORY + 0,
                        List.of("{\"name\":\"n\",\"config\":{\"capacity\":2,\"policy\":{}}}")),
                new Call("POST", "/vibers/nobody/tokens", List.of("{\"name\":\"n\",\"expiresIn\":\"1h\"}")));
        Mutations mutations = new Mutations(random);
        Map<Integer, Integer> statuses = new TreeMap<>();
        for (int i = 0; i < frames / 4; i++) {
            Call call = calls.get(random.nextInt(calls.size()));
            byte[] body = mutations.of(call.good());
            Rest.Answer answer = cluster.rest().sendBytes(call.method(), call.path(), body, Map.of());
            statuses.merge(answer.status(), 1, Integer::sum);
            if (answer.status() >= 400) {
                assertThat(answer.status())
                        .as("%s %s with %s: %s", call.method(), call.path(), readable(body), answer)
                        .isLessThan(500);
                assertThat(answer.body().path("detail").asString("")).isNotEmpty();
                assertThat(answer.body().path("type").asString("")).startsWith("urn:viber:problem:");
            }
        }
        System.out.printf("%d bad bodies; answered %s%n", frames / 4, statuses);
    }

    private static String readable(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        return text.substring(0, Math.min(400, text.length()));
    }

    @Test
    void anAliasBombIsRefusedInTime() throws Exception {
        StringBuilder yaml =
                new StringBuilder("name: bomb\nx0: &x0 [boom, boom, boom, boom, boom, boom, boom, boom]\n");
        for (int i = 1; i < 12; i++) {
            yaml.append("x%d: &x%d [%s]\n"
                    .formatted(i, i, String.join(", ", java.util.Collections.nCopies(9, "*x" + (i - 1)))));
        }
        yaml.append("steps:\n  - id: a\n    tool: log\n    with: {message: hello}\n");
        Rest.Answer answer =
                cluster.rest().post("/tasks", Map.of("goal", "bomb", "options", Map.of("playbook", yaml.toString())));
        assertThat(answer.status()).as("%s", answer).isEqualTo(422);
    }
}
