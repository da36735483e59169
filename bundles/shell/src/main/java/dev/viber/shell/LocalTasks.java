package dev.viber.shell;

import dev.viber.api.event.EventBus;
import dev.viber.api.event.EventBus.Cursor;
import dev.viber.api.event.EventBus.LaggedException;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.DurableStore;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskFilter;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.Budget;
import dev.viber.api.task.PlaybookCheck;
import dev.viber.api.task.TaskLifecycle;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Trigger;
import dev.viber.api.task.TaskRunner;
import dev.viber.api.trace.TraceContext;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tasks of the viber's own user, without a gateway: rows without a viber's id. One is removed once its last event was
 * handed over; one that made artifacts, or that nobody came back for, is kept for {@link #KEPT}.
 */
final class LocalTasks {
    /** Begins the id of every such task. */
    static final String PREFIX = "local-";
    /** How long the events of an ended task wait for somebody to ask for them. */
    static final Duration KEPT = Duration.ofDays(7);

    private static final Set<String> LAST = Set.of("completed", "error", "stopped");
    private static final Duration TURN = Duration.ofSeconds(15);
    private static final int MANY = 1000;

    private final Gate<Store> store;
    private final DurableStore durable;
    private final Gate<EventBus> events;
    private final Gate<TaskRunner> runner;
    private final Gate<PlaybookCheck> check;
    private final SecureRandom random = new SecureRandom();

    LocalTasks(Gate<Store> store, Gate<EventBus> events, Gate<TaskRunner> runner, Gate<PlaybookCheck> check) {
        this.store = store;
        durable = new DurableStore(store);
        this.events = events;
        this.runner = runner;
        this.check = check;
    }

    /** Takes the task in; it is durable, and the runner woken, when this returns. */
    String begin(String goal, Map<String, Object> options, @Nullable String traceparent) throws InterruptedException {
        if (!runner.isOpen() && !store.isOpen()) {
            throw new ProblemException(Kind.UNAVAILABLE, "this process runs no tasks: there is no viber in it");
        }
        refuseUnsound(options);
        byte[] bytes = new byte[6];
        random.nextBytes(bytes);
        String id = PREFIX + HexFormat.of().formatHex(bytes);
        Instant now = Instant.now();
        TaskRow row = new TaskRow(
                id,
                goal,
                null,
                false,
                Phase.DISPATCHED,
                1,
                Json.write(options),
                null,
                null,
                now,
                null,
                null,
                0,
                null,
                null,
                null,
                TraceContext.parse(traceparent)
                        .map(TraceContext::child)
                        .orElseGet(TraceContext::begin)
                        .toString());
        durable.write(tables -> {
            forgetOld(tables, now.minus(KEPT));
            tables.tasks().insert(row);
            return true;
        });
        wake(id);
        return id;
    }

    /** Asks the task to stop; one that has ended stays as it is. */
    void stop(String taskId) throws InterruptedException {
        durable.write(tables -> {
            TaskRow row = local(tables, taskId);
            TaskLifecycle.TABLE
                    .find(row.phase(), Trigger.STOP)
                    .ifPresent(phase -> tables.tasks().update(in(row, phase)));
            return true;
        });
        wake(taskId);
    }

    /** Hands over the events behind a seq until the last, which may be long in coming; then the task is forgotten. */
    void follow(String taskId, long after, Consumer<Map<String, ?>> to) throws InterruptedException {
        Progress progress = new Progress(taskId, after, to);
        while (!progress.ended) {
            long from = progress.seen;
            // gone where another follower was handed the last event first
            store.call(s -> s.read(tables -> local(tables, taskId)));
            // a cursor whose bus was replaced gives nothing at once; the next is the successor's
            try (Cursor cursor = events.call(bus -> bus.follow("task/" + taskId, from))) {
                List<Segment> segments = cursor.next(TURN);
                while (!segments.isEmpty() && progress.takes(segments)) {
                    segments = cursor.next(TURN);
                }
            } catch (LaggedException e) {
                progress.skipTo(e.oldest());
            }
        }
        forget(taskId);
    }

    /** How far a follower has come. */
    private static final class Progress {
        private final String taskId;
        private final Consumer<Map<String, ?>> to;
        private long seen;
        private boolean ended;

        Progress(String taskId, long seen, Consumer<Map<String, ?>> to) {
            this.taskId = taskId;
            this.seen = seen;
            this.to = to;
        }

        /** Hands the events over; tells whether there are more to come. */
        boolean takes(List<Segment> segments) {
            for (Segment segment : segments) {
                Segment unseen = segment.from(seen + 1);
                seen = unseen.seq() - 1;
                for (JournalEvent event : unseen.events()) {
                    seen++;
                    to.accept(shown(taskId, seen, event));
                    ended |= LAST.contains(event.kind());
                }
            }
            return !ended;
        }

        void skipTo(long oldest) {
            to.accept(Map.of("taskId", taskId, "seq", 0, "kind", "lagged", "oldest", oldest));
            seen = oldest - 1;
        }
    }

    private void wake(String taskId) {
        runner.call(present -> {
            present.wake(taskId);
            return true;
        });
    }

    /** One that made artifacts is kept with them, for {@link #KEPT}. */
    private void forget(String taskId) throws InterruptedException {
        durable.write(tables -> {
            if (tables.artifacts().list(taskId).isEmpty()) {
                remove(tables, taskId);
            }
            return true;
        });
    }

    private static void forgetOld(Tables tables, Instant before) {
        TaskFilter ended = new TaskFilter(EnumSet.of(Phase.COMPLETED, Phase.ERROR, Phase.STOPPED), null, null);
        for (TaskRow row : tables.tasks().list(ended, MANY)) {
            Instant end = row.completedAt();
            if (row.viberId() == null && row.id().startsWith(PREFIX) && end != null && end.isBefore(before)) {
                remove(tables, row.id());
            }
        }
    }

    private static void remove(Tables tables, String taskId) {
        tables.tasks().delete(taskId);
        tables.journal().drop("task/" + taskId);
    }

    private static TaskRow local(Tables tables, String taskId) {
        return tables.tasks()
                .find(taskId)
                .filter(row -> row.viberId() == null)
                .orElseThrow(() -> ProblemException.notFound("local task", taskId));
    }

    private void refuseUnsound(Map<String, Object> options) {
        Budget.of(options.get("budget"), "/options/budget");
        if (options.get("playbook") instanceof String playbook) {
            check.ifOpen(present -> {
                List<PlaybookCheck.Finding> findings = present.check(playbook, inputs(options));
                if (!findings.isEmpty()) {
                    throw new ProblemException(Kind.INVALID, "The playbook is not sound", Map.of("findings", findings));
                }
            });
        }
    }

    @SuppressWarnings("unchecked") // JSON objects have texts as keys
    private static Map<String, Object> inputs(Map<String, Object> options) {
        return options.get("inputs") instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    private static Map<String, Object> shown(String taskId, long seq, JournalEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("taskId", taskId);
        line.put("seq", seq);
        line.put("at", Instant.ofEpochMilli(event.at()).toString());
        line.put("kind", event.kind());
        Json.object(event.data()).forEach(line::putIfAbsent);
        return line;
    }

    private static TaskRow in(TaskRow row, Phase phase) {
        return new TaskRow(
                row.id(),
                row.goal(),
                row.viberId(),
                row.pinned(),
                phase,
                row.attempt(),
                row.options(),
                row.result(),
                row.error(),
                row.createdAt(),
                row.startedAt(),
                row.completedAt(),
                row.peerSeq(),
                row.leaseUntil(),
                row.deadline(),
                row.idempotencyKey(),
                row.traceparent());
    }
}
