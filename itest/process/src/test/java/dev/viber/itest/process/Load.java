package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/**
 * So many tasks at once, each followed by two readers, and as one ends the next: for as long as it takes. Every one of
 * them has to complete, and what it did is looked at from outside.
 */
final class Load implements AutoCloseable {
    /** Longer than this nobody waits for the load to move on. */
    private static final long PATIENCE_NANOS = 120_000_000_000L;

    private static final AtomicInteger MADE = new AtomicInteger();

    /** A task that ended. */
    record Done(String taskId, String key, JsonNode task, List<Sse> readers) {
        /** The editions of the example tool that answered it, in order. */
        List<Long> editions() {
            return readers.getFirst().events().stream()
                    .map(event -> event.data().path("event"))
                    .filter(event -> event.path("kind").asString().equals("tool-result"))
                    .map(event -> event.path("result").path("edition"))
                    .filter(JsonNode::isNumber)
                    .map(JsonNode::asLong)
                    .toList();
        }
    }

    /** An answer that said to come back later: after how long, and with which header. */
    record Late(long millis, String retryAfter, String why) {}

    private final Cluster cluster;
    private final String viberId;
    private final boolean withExample;
    private final List<Thread> workers = new ArrayList<>();
    private final Queue<Done> done = new ConcurrentLinkedQueue<>();
    private final Queue<Late> late = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean finishing;
    private long moves;

    /** Begins at once. */
    Load(Cluster cluster, String viberId, int width, boolean withExample) {
        this.cluster = cluster;
        this.viberId = viberId;
        this.withExample = withExample;
        for (int i = 0; i < width; i++) {
            workers.add(Thread.ofVirtual().name("load-" + i).start(this::work));
        }
    }

    private void work() {
        try {
            while (!finishing) {
                one();
            }
        } catch (Exception | AssertionError e) {
            failures.add(e);
            moved();
        }
    }

    private void one() throws Exception {
        String key = "hot%05d".formatted(MADE.incrementAndGet());
        Map<String, Object> body =
                Map.of("goal", "job " + key, "viberId", viberId, "options", Map.of("playbook", playbook(key)));
        Rest.Answer answer = insist(rest -> rest.send("POST", "/tasks", body, Map.of("Idempotency-Key", key)));
        if (answer.status() != 201 && answer.status() != 200) {
            throw new AssertionError("POST /tasks answered " + answer);
        }
        String taskId = answer.body().path("id").asString();
        List<Sse> readers = List.of(new Sse(taskId), new Sse(taskId));
        Thread second = Thread.ofVirtual().name("reader").start(() -> follow(readers.getLast()));
        readers.getFirst().followToEnd(cluster, event -> {
            if (event.kind().equals("waiting")) {
                throw new AssertionError("a task asks instead of going on: " + event);
            }
            moved();
        });
        second.join();
        JsonNode task = insist(rest -> rest.get("/tasks/" + taskId)).expect(200);
        if (!task.path("status").asString().equals("completed")) {
            throw new AssertionError("a task failed: " + task);
        }
        done.add(new Done(taskId, key, task, readers));
        moved();
    }

    private void follow(Sse reader) {
        try {
            reader.followToEnd(cluster, event -> {});
        } catch (InterruptedException | RuntimeException e) {
            failures.add(e);
        }
    }

    private Rest.Answer insist(Cluster.Request<Rest.Answer> request) throws InterruptedException {
        return cluster.insist(rest -> {
            long begun = System.nanoTime();
            Rest.Answer answer = request.send(rest);
            if (answer.status() == 503) {
                late.add(new Late(
                        (System.nanoTime() - begun) / 1_000_000,
                        answer.retryAfter(),
                        answer.body().path("detail").asString()));
            }
            return Rest.served(answer);
        });
    }

    private String playbook(String key) {
        String call = withExample ? "each" : "look";
        String example = withExample ? """
                  - id: each
                    tool: example.reverse
                    with: {text: "%s ${{ index }}", millis: 60}
                    needs: [look]
                    forEach: "${{ inputs.rounds }}"
                """.formatted(key) : "";
        return """
                name: %1$s
                inputs: {rounds: {type: array, default: [0, 1, 2, 3]}}
                steps:
                  - id: look
                    tool: file.read
                    with: {path: source.txt}
                %2$s  - id: first
                    tool: file.write
                    with: {path: %1$s.txt, mode: append, text: "first\\n"}
                    needs: [%3$s]
                  - id: pause
                    tool: wait
                    with: {for: 40ms}
                    needs: [first]
                  - id: second
                    tool: file.write
                    with: {path: %1$s.txt, mode: append, text: "second\\n"}
                    needs: [pause]
                """.formatted(key, example, call);
    }

    private synchronized void moved() {
        moves++;
        notifyAll();
    }

    /** Returns when readers have seen so many events more: the load is in the middle of things. */
    void awaitMoves(int more) throws InterruptedException {
        synchronized (this) {
            long wanted = moves + more;
            long end = System.nanoTime() + PATIENCE_NANOS;
            while (moves < wanted && failures.isEmpty()) {
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError(
                            "the load stands still; " + cluster.viber().logTail() + "\n"
                                    + cluster.gateway().logTail());
                }
                wait(left);
            }
        }
        failOnFailures();
    }

    /** How many tasks have completed. */
    int completed() {
        return done.size();
    }

    /** The answers that said to come back later. */
    List<Late> late() {
        return List.copyOf(late);
    }

    /** Begins no more tasks, waits for all, and looks at everything they promised. */
    List<Done> finish() throws Exception {
        finishing = true;
        for (Thread worker : workers) {
            worker.join();
        }
        failOnFailures();
        for (Done each : done) {
            Oracle.wholeForAll(cluster, each.task(), each.readers());
            assertThat(Files.readAllLines(cluster.workspace().resolve(each.key() + ".txt"), StandardCharsets.UTF_8))
                    .as("each line was appended once, and in order, by %s", each.taskId())
                    .containsExactly("first", "second");
        }
        assertThat(late)
                .as("what is answered late says when to come back")
                .allSatisfy(answer -> assertThat(answer.retryAfter()).isNotNull());
        cluster.closeConnections();
        return List.copyOf(done);
    }

    private void failOnFailures() {
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError("%d of the load failed; %s%n%s"
                    .formatted(
                            failures.size(),
                            cluster.viber().logTail(),
                            cluster.gateway().logTail()));
            failures.forEach(error::addSuppressed);
            throw error;
        }
    }

    @Override
    public void close() throws IOException {
        finishing = true;
        workers.forEach(Thread::interrupt);
    }
}
