package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import tools.jackson.databind.JsonNode;

/**
 * Vibers on one side of a server, readers on the other, both on one thread: what it costs must not be what is measured.
 * The clock starts with the first frame and stops when every reader has its last event.
 */
final class Load implements AutoCloseable {
    private static final long PATIENCE_NANOS = 300_000_000_000L;
    private static final int WORDS = 8;

    /**
     * What is to be carried.
     *
     * @param events of each task
     * @param perSecond of all tasks together; 0 for as many as go through
     */
    record Plan(String name, int vibers, int tasks, int events, int perSecond) {
        int total() {
            return tasks * events;
        }
    }

    /** What came of it; times in milliseconds, processor time in seconds; {@code syncs} is -1 where not counted. */
    record Outcome(
            String server,
            String plan,
            double seconds,
            double perSecond,
            double p50,
            double p99,
            double serverCpu,
            double loadCpu,
            long syncs) {}

    private final Server server;
    private final Plan plan;
    private final Ages ages;
    private final List<Viber> vibers = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final Selector selector;
    private final ByteBuffer direct = ByteBuffer.allocateDirect(256 * 1024);
    private final byte[] heap = new byte[direct.capacity()];
    private int ended;

    private Load(Server server, Plan plan) throws IOException {
        this.server = server;
        this.plan = plan;
        ages = new Ages(plan.total());
        selector = Selector.open();
    }

    /** Makes the tasks, opens the readers, carries the plan and looks at what it cost. */
    static Outcome carry(Server server, Plan plan, long seed) throws IOException, InterruptedException {
        try (Load load = new Load(server, plan)) {
            load.prepare(seed);
            return load.run();
        }
    }

    private void prepare(long seed) throws IOException, InterruptedException {
        List<String> texts = texts(new Random(seed));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < plan.vibers(); i++) {
            String id = "v%s-%d".formatted(Long.toString(System.nanoTime(), 36), i);
            ids.add(id);
            Viber viber = Viber.connect(server.api(), id, server.viberToken(id), ages, plan.events(), texts);
            vibers.add(viber);
            viber.channel().configureBlocking(false);
            viber.channel().register(selector, SelectionKey.OP_READ, viber);
        }
        turnUntil(() -> !server.isDurable() || vibers.stream().allMatch(Viber::isWelcome));
        List<String> tasks = new ArrayList<>();
        for (int i = 0; i < plan.tasks(); i++) {
            JsonNode task = server.post("/tasks", body(ids.get(i % ids.size())));
            tasks.add(task.path("id").asString());
        }
        turnUntil(() -> vibers.stream().mapToInt(Viber::tasks).sum() == plan.tasks());
        for (String task : tasks) {
            Reader reader = Reader.open(server.api(), task, server.token(), ages);
            readers.add(reader);
            reader.begin();
            reader.channel().configureBlocking(false);
            reader.channel().register(selector, SelectionKey.OP_READ, reader);
        }
    }

    // The bare vibers go by no plan; a playbook is only what makes the gateway take the task in.
    private static Map<String, Object> body(String viberId) {
        String playbook = "name: bench\nsteps:\n  - id: one\n    tool: log\n    with: {message: bench}\n";
        return Map.of("goal", "bench", "viberId", viberId, "options", Map.of("playbook", playbook));
    }

    private static List<String> texts(Random random) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            StringBuilder text = new StringBuilder();
            for (int word = 0; word < WORDS; word++) {
                text.append(Long.toString(random.nextLong(1_000_000), 36)).append(' ');
            }
            texts.add(text.toString());
        }
        return texts;
    }

    private Outcome run() throws IOException, InterruptedException {
        try (Proc.Syncs syncs = new Proc.Syncs(server.pid())) {
            Thread.sleep(300); // perf has attached by then; nothing tells of it
            double serverBefore = Proc.cpuSeconds(server.pid());
            double loadBefore = Proc.cpuSeconds(ProcessHandle.current().pid());
            long begin = System.nanoTime();
            if (plan.perSecond() == 0) {
                saturate();
            } else {
                pace(begin);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            double serverCpu = Proc.cpuSeconds(server.pid()) - serverBefore;
            double loadCpu = Proc.cpuSeconds(ProcessHandle.current().pid()) - loadBefore;
            long count = server.isDurable() ? syncs.count() : 0;
            if (ages.count() != plan.total()) {
                throw new IOException("%d events came of %d".formatted(ages.count(), plan.total()));
            }
            return new Outcome(
                    server.name(),
                    plan.name(),
                    seconds,
                    plan.total() / seconds,
                    ages.quantile(0.5),
                    ages.quantile(0.99),
                    serverCpu,
                    loadCpu,
                    count);
        }
    }

    private void saturate() throws IOException {
        for (Viber viber : vibers) {
            viber.channel().keyFor(selector).interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
        turnUntil(this::isOver);
    }

    private void pace(long begin) throws IOException {
        long sent = 0;
        long frames = plan.total() + 2L * plan.tasks();
        while (sent < frames) {
            long due = Math.min(frames, 1 + (System.nanoTime() - begin) * plan.perSecond() / 1_000_000_000L);
            for (; sent < due; sent++) {
                vibers.get((int) (sent % vibers.size())).send(1);
            }
            turn(1);
        }
        turnUntil(this::isOver);
    }

    private boolean isOver() {
        return ended == readers.size()
                && (!server.isDurable() || vibers.stream().allMatch(Viber::isAcknowledged));
    }

    private void turnUntil(BooleanSupplier wanted) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        for (Viber viber : vibers) {
            viber.taken();
        }
        while (!wanted.getAsBoolean()) {
            turn(1000);
            if (System.nanoTime() > end) {
                throw new IOException("%s, %s: %d of %d readers have ended; %s"
                        .formatted(server.name(), plan.name(), ended, readers.size(), vibers));
            }
        }
    }

    private void turn(long millis) throws IOException {
        selector.select(millis);
        ages.look();
        for (SelectionKey key : selector.selectedKeys()) {
            if (key.attachment() instanceof Reader reader) {
                reader.read(direct, heap);
                if (reader.hasEnded()) {
                    ended++;
                    key.cancel();
                }
            } else if (key.attachment() instanceof Viber viber) {
                if (key.isReadable()) {
                    viber.read();
                }
                if (key.isWritable()) {
                    viber.send(Integer.MAX_VALUE);
                    if (viber.hasSentAll()) {
                        key.interestOps(SelectionKey.OP_READ);
                    }
                    ages.look();
                }
            }
        }
        selector.selectedKeys().clear();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        for (Viber viber : vibers) {
            viber.channel().close();
        }
        for (Reader reader : readers) {
            reader.channel().close();
        }
    }
}
