package dev.viber.library;

import dev.viber.link.BackOff;
import dev.viber.link.Link;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * A viber inside a program: dials a gateway, takes tasks, hands them to a handler and tells what becomes of them.
 *
 * <pre>{@code
 * try (ViberController viber = new ViberController(ViberOptions.to("ws://127.0.0.1:7777", token))
 *         .on("connected", facts -> System.out.println("here"))
 *         .handler(task -> Map.of("summary", "hello, " + task.goal()))
 *         .start()) {
 *     viber.awaitEnd();
 * }
 * }</pre>
 *
 * <p>{@code on} observes; {@code handler} executes, and its result or exception ends the task; without a handler each task is
 * answered with an error. The connection is dialled again for as long as this is not closed, and what the gateway has not
 * acknowledged is sent again. A handler runs once for each attempt: what was in hand when the process ended, the gateway ends
 * as {@code outcome unknown} and does not repeat.
 */
public final class ViberController implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ViberController.class);
    private static final Duration DIAL = Duration.ofSeconds(15);
    private static final Duration WELCOME = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final Duration PING = Duration.ofSeconds(20);
    private static final Duration HEALTHY = Duration.ofSeconds(30);
    private static final Duration GOODBYE = Duration.ofSeconds(1);
    private static final int MISSED_PONGS = 2;

    /** The names {@link #on} knows. */
    private static final List<String> EVENTS =
            List.of("connected", "disconnected", "task", "stopped", "message", "config");

    private final ViberOptions options;
    private final Map<String, List<Consumer<Map<String, Object>>>> observers = new ConcurrentHashMap<>();
    private final Desk desk = new Desk(this::begin);
    private final CountDownLatch over = new CountDownLatch(1);
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile @Nullable TaskHandler handler;
    private volatile @Nullable Link link;
    private volatile boolean connected;
    private volatile long heartbeatMs = 10_000;
    private @Nullable Thread thread;

    /** A viber that does not dial yet. */
    public ViberController(ViberOptions options) {
        this.options = options;
    }

    /**
     * Observes.
     *
     * @param event {@code connected}, {@code disconnected} (with {@code reason}), {@code task} (with {@code taskId}, {@code
     *     goal}, {@code options}), {@code stopped}, {@code message} or {@code config}
     * @param observer is told on the connection's own thread, and must not block
     * @throws IllegalArgumentException where there is no such event
     */
    public ViberController on(String event, Consumer<Map<String, Object>> observer) {
        if (!EVENTS.contains(event)) {
            throw new IllegalArgumentException("there is no event '%s'; there are %s".formatted(event, EVENTS));
        }
        observers.computeIfAbsent(event, name -> new CopyOnWriteArrayList<>()).add(observer);
        return this;
    }

    /** Does the tasks from now on. */
    public ViberController handler(TaskHandler does) {
        handler = does;
        return this;
    }

    /** Begins to dial, and returns at once; a second call does nothing. */
    public synchronized ViberController start() {
        if (thread == null && closing.getCount() > 0) {
            thread = Thread.ofVirtual().name("viber").start(this::run);
        }
        return this;
    }

    /** Whether the gateway knows it at this moment. */
    public boolean isConnected() {
        return connected;
    }

    /** Waits until it is closed. */
    public void awaitEnd() throws InterruptedException {
        over.await();
    }

    /** Leaves: handlers are interrupted, the connection is closed. A second call does nothing. */
    @Override
    public void close() {
        closing.countDown();
        Link there = link;
        if (there != null && connected) {
            there.close(1001, "going away", GOODBYE);
        }
        desk.cutAll();
        Thread running;
        synchronized (this) {
            running = thread;
        }
        if (running != null) {
            running.interrupt();
        }
        over.countDown();
    }

    private void run() {
        HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(DIAL)
                .executor(task -> Thread.ofVirtual().name("viber-socket").start(task))
                .build();
        BackOff backOff = new BackOff(Duration.ofMillis(500), Duration.ofSeconds(60), ThreadLocalRandom.current());
        try {
            while (closing.getCount() > 0) {
                Instant began = Instant.now();
                String reason = talk(http);
                if (closing.getCount() == 0) {
                    return;
                }
                tell("disconnected", Map.of("reason", reason));
                if (Duration.between(began, Instant.now()).compareTo(HEALTHY) >= 0) {
                    backOff.reset();
                }
                Duration pause = backOff.next();
                LOG.debug("{}; dialling {} again in {} ms", reason, options.server(), pause.toMillis());
                if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("left");
        } finally {
            http.shutdownNow();
        }
    }

    /** One connection; why it ended. */
    private String talk(HttpClient http) throws InterruptedException {
        BlockingQueue<String> out = new LinkedBlockingQueue<>();
        Thread pulse = null;
        try {
            Link open = Link.dial(http, options.server(), options.token(), null, options.version(), DIAL);
            link = open;
            open.receive(text -> take(Json.read(text), out));
            open.send(connectedFrame());
            pulse = Thread.ofVirtual().name("viber-pulse").start(() -> beat(open, out));
            write(open, out);
            return "the connection ended: " + open.ended().join().reason();
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } finally {
            connected = false;
            desk.offline();
            Link gone = link;
            link = null;
            if (gone != null) {
                gone.abort("over");
            }
            if (pulse != null) {
                pulse.interrupt();
            }
        }
    }

    /** Writes what is put into the queue; where no welcome comes, goes on without or gives up. */
    private void write(Link open, BlockingQueue<String> out) throws IOException, InterruptedException {
        var _ = open.ended().thenRun(() -> out.add(""));
        Duration patience = open.speaksViber() ? WELCOME : GRACE;
        while (!open.ended().isDone()) {
            String frame = connected ? out.take() : out.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (frame != null && !frame.isEmpty()) {
                open.send(frame);
            } else if (frame == null && open.speaksViber()) {
                throw new IOException("no welcome within %d s".formatted(patience.toSeconds()));
            } else if (frame == null) {
                desk.unwelcomed(out);
                online();
            }
        }
    }

    private void beat(Link open, BlockingQueue<String> out) {
        try {
            for (long passed = 0; !open.ended().isDone(); passed += heartbeatMs) {
                if (closing.await(heartbeatMs, TimeUnit.MILLISECONDS)) {
                    return;
                }
                if (connected) {
                    out.add(Json.write(Map.of("type", "heartbeat", "status", status())));
                }
                if (passed >= PING.toMillis()) {
                    passed = 0;
                    if (open.unansweredPings() >= MISSED_PONGS) {
                        open.abort("%d pings unanswered".formatted(MISSED_PONGS));
                        return;
                    }
                    open.ping();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<String, Object> status() {
        List<String> running = desk.running();
        return Map.of(
                "status",
                running.size() >= options.capacity() ? "busy" : "online",
                "runningTasks",
                running,
                "capacity",
                options.capacity());
    }

    private String connectedFrame() {
        Map<String, Object> viber = new LinkedHashMap<>();
        if (options.name() != null) {
            viber.put("name", options.name());
        }
        viber.put("version", options.version());
        viber.put("platform", System.getProperty("os.name", "").toLowerCase(java.util.Locale.ROOT));
        viber.put("arch", System.getProperty("os.arch", ""));
        viber.put("capabilities", options.capabilities());
        viber.put("tools", List.of());
        viber.put("capacity", options.capacity());
        viber.put("runningTasks", desk.running());
        viber.put("features", List.of("ack", "welcome", "traceparent"));
        viber.put("tasks", desk.positions());
        return Json.write(Map.of("type", "connected", "viber", viber));
    }

    private void take(JsonNode frame, BlockingQueue<String> out) {
        String type = frame.path("type").stringValue("");
        String taskId = frame.path("taskId").stringValue("");
        switch (type) {
            case "welcome" -> {
                heartbeatMs = Math.max(1_000, frame.path("heartbeatMs").longValue(heartbeatMs));
                desk.welcomed(frame, out);
                online();
            }
            case "ack" ->
                desk.acknowledged(
                        taskId,
                        frame.path("attempt").intValue(0),
                        frame.path("vseq").longValue(0));
            case "ping" -> out.add("{\"type\":\"pong\"}");
            default -> {
                if (desk.command(frame.path("cmd").longValue(0))) {
                    order(type, taskId, frame);
                }
            }
        }
    }

    private void order(String type, String taskId, JsonNode frame) {
        switch (type) {
            case "task:submit" -> {
                String goal = frame.path("goal").stringValue("");
                Map<String, Object> how = Json.object(frame.path("options"));
                tell("task", Map.of("taskId", taskId, "goal", goal, "options", how));
                desk.submit(
                        taskId,
                        frame.path("attempt").intValue(0),
                        goal,
                        how,
                        frame.path("traceparent").stringValue(null));
            }
            case "task:stop" -> {
                desk.stop(taskId);
                tell("stopped", Map.of("taskId", taskId));
            }
            case "task:message" -> {
                String message = frame.path("message").stringValue("");
                desk.message(taskId, message);
                tell("message", Map.of("taskId", taskId, "message", message));
            }
            case "config:update" -> tell("config", Json.object(frame.path("config")));
            default -> LOG.debug("a frame of unknown type {}", type);
        }
    }

    private void online() {
        connected = true;
        tell("connected", Map.of("server", options.server().toString()));
    }

    private void begin(ViberTask task, Held held) {
        TaskHandler does = handler;
        if (does == null) {
            desk.end(held, "error", Map.of("error", "this viber has no handler: it only observes"));
            return;
        }
        Thread worker = Thread.ofVirtual().name("task-" + task.id()).start(() -> {
            try {
                Map<String, Object> result = new LinkedHashMap<>(does.handle(task));
                result.putIfAbsent("spaceId", task.id());
                desk.end(held, "completed", Map.of("result", result));
            } catch (Exception e) {
                LOG.debug("task {} failed", task.id(), e);
                String why = Objects.requireNonNullElse(e.getMessage(), e.toString());
                desk.end(held, "error", Map.of("error", task.isStopped() ? "stopped" : why));
            }
        });
        held.worker = worker;
        // A stop may have come in between, when there was no thread yet to interrupt.
        if (task.isStopped()) {
            worker.interrupt();
        }
    }

    private void tell(String event, Map<String, Object> facts) {
        for (Consumer<Map<String, Object>> observer : observers.getOrDefault(event, List.of())) {
            try {
                observer.accept(facts);
            } catch (RuntimeException e) {
                LOG.warn("an observer of '{}' failed", event, e);
            }
        }
    }
}
