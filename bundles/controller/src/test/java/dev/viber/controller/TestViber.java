package dev.viber.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.ready.Ready;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.viber.AgentConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A controller on a store, with a runner that only notes what it is told; the test plays the agent's part. */
final class TestViber implements AutoCloseable {
    static final String ID = "viber-test-0001";
    static final Timing QUICK = new Timing(
            Duration.ofSeconds(10),
            Duration.ofMillis(100),
            Duration.ofSeconds(10),
            Duration.ofMillis(200),
            Duration.ofMillis(10),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofSeconds(30),
            Duration.ofMillis(100),
            Duration.ofSeconds(2));

    /** What the runner was told. */
    static final class Runner implements TaskRunner {
        final BlockingQueue<String> woken = new LinkedBlockingQueue<>();
        final BlockingQueue<AgentConfig> configured = new LinkedBlockingQueue<>();

        @Override
        public void wake(String taskId) {
            woken.add(taskId);
        }

        @Override
        public Set<String> running() {
            return Set.of();
        }

        @Override
        public int busy() {
            return 0;
        }

        @Override
        public int capacity() {
            return 3;
        }

        @Override
        public void configure(AgentConfig config) {
            if (config.policy() != null && !config.policy().containsKey("unknownOutcome")) {
                throw ProblemException.invalid("/policy", "policy: wanted unknownOutcome");
            }
            configured.add(config);
        }

        @Override
        public void drain(Duration atMost) {}
    }

    final Runner runner = new Runner();
    final BlockingQueue<Optional<Ready>> readiness = new LinkedBlockingQueue<>();
    final Controller controller;
    private final Store store;

    TestViber(@Nullable String server, @Nullable String token, @Nullable Path tokenFile, Path state, Store store) {
        this(server, token, tokenFile, state, store, QUICK);
    }

    TestViber(
            @Nullable String server,
            @Nullable String token,
            @Nullable Path tokenFile,
            Path state,
            Store store,
            Timing timing) {
        this.store = store;
        URI address = server == null ? null : Settings.address(server);
        controller = new Controller(
                new Settings(address, token, tokenFile, null, ID, "box", state, 60_000, "9.9.9"),
                timing,
                ready -> readiness.add(Optional.ofNullable(ready)));
        controller.bindStore(store);
        controller.bindRunner(runner);
        controller.start();
    }

    /** Waits until the controller says it is ready, or not. */
    Optional<Ready> awaitReady(boolean there) throws InterruptedException {
        while (true) {
            Optional<Ready> next = readiness.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("readiness").isNotNull();
            if (next.isPresent() == there) {
                return next;
            }
        }
    }

    /** Waits until the runner is woken for a task. */
    void awaitWake(String taskId) throws InterruptedException {
        List<String> others = new ArrayList<>();
        while (true) {
            String woken = runner.woken.poll(20, TimeUnit.SECONDS);
            assertThat(woken).as("a wake for %s, behind %s", taskId, others).isNotNull();
            if (taskId.equals(woken)) {
                return;
            }
            others.add(woken);
        }
    }

    /** Adds a task as a submit would. */
    static void insert(Store store, String taskId, int attempt) throws Exception {
        store.write(tables -> {
                    tables.tasks()
                            .insert(new TaskRow(
                                    taskId,
                                    "a goal",
                                    ID,
                                    false,
                                    Phase.RUNNING,
                                    attempt,
                                    "{}",
                                    null,
                                    null,
                                    Instant.now(),
                                    null,
                                    null,
                                    0,
                                    null,
                                    null,
                                    null));
                    return true;
                })
                .getValue();
    }

    /** Appends so many progress frames, as the agent would; each is a change of its own. */
    static void progress(Store store, String taskId, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            String data = "{\"event\":{\"kind\":\"log\",\"level\":\"info\",\"message\":\"%d ü\"}}".formatted(i);
            store.write(tables ->
                            tables.journal().append("task/" + taskId, List.of(new JournalEvent("progress", 1, data))))
                    .getValue();
        }
    }

    /** Ends a task, as the agent would. */
    static void complete(Store store, String taskId) throws Exception {
        store.write(tables -> {
                    TaskRow row = tables.tasks().find(taskId).orElseThrow();
                    tables.tasks()
                            .update(new TaskRow(
                                    row.id(),
                                    row.goal(),
                                    row.viberId(),
                                    false,
                                    Phase.COMPLETED,
                                    row.attempt(),
                                    row.options(),
                                    "{}",
                                    null,
                                    row.createdAt(),
                                    null,
                                    Instant.now(),
                                    row.peerSeq(),
                                    null,
                                    null,
                                    null));
                    return tables.journal()
                            .append(
                                    "task/" + taskId,
                                    List.of(new JournalEvent("completed", 1, "{\"result\":{\"summary\":\"ok\"}}")));
                })
                .getValue();
    }

    Optional<TaskRow> row(String taskId) {
        return store.read(tables -> tables.tasks().find(taskId));
    }

    @Override
    public void close() {
        controller.stop();
        controller.unbindStore(store);
    }
}
