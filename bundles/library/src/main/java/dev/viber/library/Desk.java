package dev.viber.library;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The tasks in hand and what is to be said of them. Frames are kept in memory until the gateway has them, over as many
 * connections as it takes; what was in hand when the process ends, the gateway ends as {@code outcome unknown}.
 */
final class Desk {
    private static final int MOST_UNACKED = 4096;

    /** Does a task from its first to its last frame. */
    interface Work {
        void begin(ViberTask task, Held held);
    }

    private final Work work;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition acked = lock.newCondition();
    private final Map<String, Held> tasks = new LinkedHashMap<>();
    private final Map<String, Long> commands = new LinkedHashMap<>();
    private String gateway = "";
    private int maxFrameBytes = 4 << 20;
    private boolean plain;
    private @Nullable BlockingQueue<String> out;

    Desk(Work work) {
        this.work = work;
    }

    /** The ids of the tasks being worked on. */
    List<String> running() {
        lock.lock();
        try {
            return tasks.values().stream()
                    .filter(held -> !held.ended)
                    .map(held -> held.taskId)
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /** Where the frames of each task end, as {@code connected} tells it. */
    List<Map<String, Object>> positions() {
        lock.lock();
        try {
            List<Map<String, Object>> all = new ArrayList<>();
            tasks.values()
                    .forEach(
                            held -> all.add(Map.of("taskId", held.taskId, "attempt", held.attempt, "vseq", held.vseq)));
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** The gateway said where it stands: the rest is said again on this connection, and whatever comes from now on. */
    void welcomed(JsonNode welcome, BlockingQueue<String> connection) {
        lock.lock();
        try {
            gateway = welcome.path("gatewayId").stringValue("");
            maxFrameBytes = welcome.path("maxFrameBytes").intValue(maxFrameBytes);
            plain = false;
            for (JsonNode entry : welcome.path("resume")) {
                Held held = tasks.get(entry.path("taskId").stringValue(""));
                if (held == null || held.attempt != entry.path("attempt").intValue(0)) {
                    continue;
                }
                if (entry.path("discard").booleanValue(false)) {
                    forget(held);
                } else {
                    held.acked(entry.path("vseq").longValue(0));
                }
            }
            goOn(connection);
        } finally {
            lock.unlock();
        }
    }

    /** A server that says no welcome: frames count as taken once they are handed to the connection. */
    void unwelcomed(BlockingQueue<String> connection) {
        lock.lock();
        try {
            plain = true;
            goOn(connection);
        } finally {
            lock.unlock();
        }
    }

    private void goOn(BlockingQueue<String> connection) {
        out = connection;
        for (Held held : List.copyOf(tasks.values())) {
            held.unacked.forEach(frame -> connection.add(frame.text()));
            if (plain) {
                held.unacked.clear();
            }
            settle(held);
        }
        acked.signalAll();
    }

    /** The connection is gone. */
    void offline() {
        lock.lock();
        try {
            out = null;
        } finally {
            lock.unlock();
        }
    }

    /** A command came; true where it is new. It is acknowledged either way. */
    boolean command(long cmd) {
        if (cmd <= 0) {
            return true;
        }
        lock.lock();
        try {
            say("{\"type\":\"ack\",\"cmd\":" + cmd + "}");
            if (cmd <= commands.getOrDefault(gateway, 0L)) {
                return false;
            }
            commands.put(gateway, cmd);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** A task was handed in. */
    void submit(String taskId, int attempt, String goal, Map<String, Object> options, @Nullable String traceparent) {
        Held held = new Held(taskId, attempt);
        ViberTask task = new ViberTask(taskId, goal, options, traceparent, event -> progress(held, event));
        lock.lock();
        try {
            Held before = tasks.get(taskId);
            if (before != null) {
                forget(before);
            }
            held.task = task;
            tasks.put(taskId, held);
            say(held, "started", Map.of("spaceId", taskId));
        } finally {
            lock.unlock();
        }
        work.begin(task, held);
    }

    /** A task is to be stopped; confirmed at once, whatever its handler still does. */
    void stop(String taskId) {
        lock.lock();
        try {
            Held held = tasks.get(taskId);
            if (held != null && !held.ended) {
                end(held, "error", Map.of("error", "stopped"));
                cut(held);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A message for a task. */
    void message(String taskId, String text) {
        lock.lock();
        try {
            Held held = tasks.get(taskId);
            ViberTask task = held == null ? null : held.task;
            if (task != null) {
                task.messages().add(text);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Everything of this attempt up to here is durable at the gateway. */
    void acknowledged(String taskId, int attempt, long vseq) {
        lock.lock();
        try {
            Held held = tasks.get(taskId);
            if (held != null && held.attempt == attempt) {
                held.acked(vseq);
                settle(held);
                acked.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    private void progress(Held held, Map<String, ?> event) throws InterruptedException {
        int bytes = Json.write(event).getBytes(StandardCharsets.UTF_8).length;
        lock.lockInterruptibly();
        try {
            if (bytes > maxFrameBytes - 512) {
                throw new IllegalArgumentException("an event of %,d bytes; the gateway takes frames of at most %,d"
                        .formatted(bytes, maxFrameBytes));
            }
            while (held.unacked.size() >= MOST_UNACKED && !held.ended) {
                acked.await();
            }
            if (!held.ended) {
                say(held, "progress", Map.of("event", event));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Says the last frame of a task; where it has ended already, nothing. */
    void end(Held held, String kind, Map<String, ?> members) {
        lock.lock();
        try {
            if (!held.ended) {
                held.ended = true;
                say(held, kind, members);
                settle(held);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the work on all of them; the process is leaving. */
    void cutAll() {
        lock.lock();
        try {
            tasks.values().forEach(Desk::cut);
        } finally {
            lock.unlock();
        }
    }

    private void say(Held held, String kind, Map<String, ?> members) {
        Held.Frame frame = held.next(kind, members);
        if (out != null) {
            out.add(frame.text());
            if (plain) {
                held.acked(frame.vseq());
            }
        }
    }

    private void say(String frame) {
        if (out != null) {
            out.add(frame);
        }
    }

    private void settle(Held held) {
        if (held.isOver()) {
            tasks.remove(held.taskId, held);
        }
    }

    private void forget(Held held) {
        held.ended = true;
        held.unacked.clear();
        tasks.remove(held.taskId, held);
        cut(held);
        acked.signalAll();
    }

    private static void cut(Held held) {
        ViberTask task = held.task;
        Thread worker = held.worker;
        if (task != null) {
            task.stop();
        }
        if (worker != null) {
            worker.interrupt();
        }
    }
}
