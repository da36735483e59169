package dev.viber.itest.process;

import dev.viber.itest.process.Workload.Job;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.JsonNode;

/** Clients that hand in tasks, follow each with several readers, answer questions, stop some, and write down what they were told. */
final class Clients implements AutoCloseable {
    private static final int READERS = 2;
    private static final int MOST_OPEN = 150;
    private static final int MOST_HELD_BACK = 40;

    /** A task answered with 201, written down before it counts. */
    record Taken(String taskId, Job job, List<Sse> readers) {}

    /** An answer given: the question's arguments are what would be done again. */
    record Answered(String taskId, boolean allow, JsonNode question) {}

    private final Cluster cluster;
    private final String viberId;
    private final Workload workload;
    private final FileChannel book;
    private final Map<String, Taken> taken = new ConcurrentHashMap<>();
    private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();
    private final Queue<Runnable> heldBack = new ConcurrentLinkedQueue<>();
    private final Queue<String> stopped = new ConcurrentLinkedQueue<>();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong lostAnswers = new AtomicLong();
    private final CountDownLatch finish = new CountDownLatch(1);
    private final Semaphore open = new Semaphore(MOST_OPEN);
    private final Object movement = new Object();
    private boolean draining;
    private long moves;

    Clients(Cluster cluster, String viberId, Workload workload, Path book) throws IOException {
        this.cluster = cluster;
        this.viberId = viberId;
        this.workload = workload;
        this.book = FileChannel.open(book, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    Collection<Taken> taken() {
        return List.copyOf(taken.values());
    }

    List<Answered> answers() {
        return List.copyOf(answers);
    }

    List<String> stopped() {
        return List.copyOf(stopped);
    }

    long lostAnswers() {
        return lostAnswers.get();
    }

    /** Hands in tasks at this pace until {@link #drain()}. */
    void submitEvery(long millis) {
        spawn("submitter", () -> {
            while (!finish.await(millis, TimeUnit.MILLISECONDS)) {
                submit();
            }
        });
    }

    /** Hands in one task, as often as it takes to be answered. */
    void submit() throws InterruptedException {
        open.acquire();
        Job job = workload.next();
        Map<String, String> key = Map.of("Idempotency-Key", job.key());
        int[] tries = {0};
        Rest.Answer answer = cluster.insist(rest -> {
            if (tries[0]++ > 0) {
                lostAnswers.incrementAndGet();
            }
            moved();
            return Rest.served(rest.send("POST", "/tasks", job.body(viberId), key));
        });
        if (answer.status() != 201 && answer.status() != 200) {
            throw new IllegalStateException("POST /tasks answered " + answer);
        }
        String taskId = answer.body().path("id").asString();
        writeDown(taskId + " " + job.key() + "\n");
        List<Sse> readers = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            readers.add(new Sse(taskId));
        }
        taken.put(taskId, new Taken(taskId, job, readers));
        spawn("reader", () -> {
            readers.getFirst().followToEnd(cluster, event -> react(job, event));
            open.release();
        });
        for (Sse reader : readers.subList(1, readers.size())) {
            spawn("reader", () -> reader.followToEnd(cluster, event -> {}));
        }
    }

    private void moved() {
        synchronized (movement) {
            moves++;
            movement.notifyAll();
        }
    }

    /** Returns when next something is sent to the gateway or seen from it, or after this while. */
    void awaitMovement(long atMostMillis) throws InterruptedException {
        synchronized (movement) {
            long before = moves;
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(atMostMillis);
            for (long left = atMostMillis; moves == before && left > 0; ) {
                movement.wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        }
    }

    private synchronized void writeDown(String line) {
        try {
            book.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
            book.force(true);
        } catch (IOException e) {
            throw new IllegalStateException("the oracle's own book cannot be written", e);
        }
    }

    /** Stops the task; it counts as stopped once that is answered. */
    void stop(String taskId) throws InterruptedException {
        int status = cluster.insist(rest -> Rest.served(rest.post("/tasks/" + taskId + "/stop", null)))
                .status();
        if (status != 200) {
            throw new IllegalStateException("stop answered " + status);
        }
        stopped.add(taskId);
    }

    // Some questions are answered while processes are being killed, the others when all is quiet again.
    private void react(Job job, Sse.Event event) throws IOException {
        moved();
        String taskId = event.data().path("taskId").asString();
        if (event.kind().equals("started") && hash(taskId) % 11 == 0) {
            spawn("stopper", () -> stop(taskId));
        }
        if (!event.kind().equals("waiting")) {
            return;
        }
        String approvalId = event.data().path("approvalId").asString();
        boolean allow = (hash(taskId) & 1) == 0;
        Path gate = cluster.workspace().resolve(Workload.gate(job.key()));
        if (allow && !Files.exists(gate)) {
            Files.createFile(gate);
        }
        Runnable answer = () -> spawn("decider", () -> decide(taskId, approvalId, allow, event.data()));
        synchronized (heldBack) {
            if (!draining && (hash(taskId) & 2) == 0 && heldBack.size() < MOST_HELD_BACK) {
                heldBack.add(answer);
                return;
            }
        }
        answer.run();
    }

    private void decide(String taskId, String approvalId, boolean allow, JsonNode question)
            throws InterruptedException {
        // noted first: the answer may be durable although its own answer is lost
        answers.add(new Answered(taskId, allow, question));
        int status = cluster.insist(rest -> Rest.served(rest.post("/approvals/" + approvalId, Map.of("allow", allow))))
                .status();
        if (status != 200 && status != 409) {
            throw new IllegalStateException("the answer to %s was answered %d".formatted(approvalId, status));
        }
    }

    private static int hash(String taskId) {
        return taskId.hashCode() & 0x7fffffff;
    }

    /** Hands in no more, answers what was held back, and returns when every task has ended for every reader. */
    void drain() throws InterruptedException {
        finish.countDown();
        synchronized (heldBack) {
            draining = true;
        }
        for (Runnable answer = heldBack.poll(); answer != null; answer = heldBack.poll()) {
            answer.run();
        }
        for (Thread thread = nextThread(); thread != null; thread = nextThread()) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            AssertionError error = new AssertionError(failures.size() + " clients failed");
            failures.forEach(error::addSuppressed);
            throw error;
        }
    }

    private Thread nextThread() {
        synchronized (threads) {
            return threads.isEmpty() ? null : threads.removeLast();
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private void spawn(String name, Work work) {
        Thread thread = Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                work.run();
            } catch (Exception e) {
                failures.add(e);
            }
        });
        synchronized (threads) {
            threads.add(thread);
        }
        thread.start();
    }

    @Override
    public void close() throws IOException {
        finish.countDown();
        synchronized (threads) {
            threads.forEach(Thread::interrupt);
        }
        book.close();
    }
}
