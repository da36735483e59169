package dev.viber.agent;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.Plan;
import dev.viber.api.task.StreamEvent;
import dev.viber.api.task.TaskLifecycle;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Trigger;
import dev.viber.api.trace.TraceContext;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The changes in which a task's row and its journal move together. */
final class RunRecord {
    /** Who answers where nobody did in time. */
    static final String TIMEOUT = "time-out";

    /** As {@link #TIMEOUT}, where that is the end of the task. */
    static final String FAILED_BY_TIMEOUT = "time-out, which fails the task";

    private static final int MOST_QUESTIONS = 10_000;

    private final RunJournal journal;
    private final String taskId;
    private final List<Map<String, Object>> messages = new CopyOnWriteArrayList<>();

    RunRecord(RunJournal journal, String taskId) {
        this.journal = journal;
        this.taskId = taskId;
    }

    /** The messages taken so far, oldest first. */
    List<Map<String, Object>> messages() {
        return List.copyOf(messages);
    }

    /** Messages taken in an earlier life. */
    void remember(List<Map<String, Object>> earlier) {
        messages.addAll(0, earlier);
    }

    /** The task is begun, if it was not. */
    void begin() throws InterruptedException {
        journal.await(journal.write((tables, row) -> {
            if (row.phase() != Phase.DISPATCHED) {
                return List.of();
            }
            tables.journal().drop(RunJournal.topic(taskId));
            tables.values().remove(RunJournal.planKey(taskId));
            move(tables, row, Trigger.START);
            return List.of(Json.entry("started", Json.write(traced(row, Map.of("spaceId", taskId)))));
        }));
    }

    /** The plan is made; kept whole, so that a newer planner does not change it under a task half done. */
    void planned(String text, Plan plan) {
        StreamEvent.PlanMade event = new StreamEvent.PlanMade(
                plan.name(),
                plan.steps().stream()
                        .map(step -> new StreamEvent.PlanMade.PlannedStep(
                                step.id(),
                                step.tool(),
                                step.needs().stream().sorted().toList()))
                        .toList());
        journal.write((tables, row) -> {
            tables.values().put(RunJournal.planKey(taskId), text);
            return List.of(Json.progress(event));
        });
    }

    /** Takes in what messages there are. */
    void takeMessages() throws InterruptedException {
        if (!journal.hasMessages()) {
            return;
        }
        // known as soon as it is journaled; where the change fails, this run ends and with it its list
        journal.await(journal.write((tables, row) -> RunJournal.takeMessages(tables, taskId, messages)));
    }

    /**
     * A person is asked; durable when this returns.
     *
     * @param key what an answer may be remembered for; null where that makes no sense
     */
    void ask(
            String id,
            String tool,
            Map<String, Object> arguments,
            String reason,
            @Nullable String key,
            List<? extends StreamEvent> events)
            throws InterruptedException {
        Map<String, Object> question = new LinkedHashMap<>();
        question.put("approvalId", id);
        question.put("tool", tool);
        question.put("arguments", arguments);
        question.put("reason", reason);
        journal.await(journal.write((tables, row) -> {
            Remembered.asked(tables, taskId, id, key);
            tables.approvals()
                    .put(new ApprovalRow(
                            id, taskId, tool, Json.write(arguments), reason, "open", null, Instant.now(), null));
            TaskLifecycle.TABLE.find(row.phase(), Trigger.ASK).ifPresent(next -> move(tables, row, Trigger.ASK));
            List<JournalEvent> entries = new ArrayList<>();
            events.forEach(event -> entries.add(Json.progress(event)));
            entries.add(Json.entry("approval", Json.write(question)));
            return entries;
        }));
    }

    /** Nobody answered in time: what the policy does then is as durable as an answer, unless one came just now. */
    void overdue(String id, Policy.OnTimeout then) throws InterruptedException {
        journal.await(journal.write((tables, row) -> {
            ApprovalRow asked = tables.approvals().find(id).orElse(null);
            if (asked == null || !asked.state().equals("open")) {
                return List.of();
            }
            boolean allow = then == Policy.OnTimeout.ALLOW;
            String by = then == Policy.OnTimeout.FAIL ? FAILED_BY_TIMEOUT : TIMEOUT;
            tables.approvals()
                    .put(new ApprovalRow(
                            asked.id(),
                            asked.taskId(),
                            asked.tool(),
                            asked.arguments(),
                            asked.reason(),
                            allow ? "allowed" : "denied",
                            by,
                            asked.createdAt(),
                            Instant.now()));
            return List.of(Json.entry("decided", Json.write(Map.of("approvalId", id, "allow", allow, "by", by))));
        }));
    }

    /** A question is answered; the task goes on where it was the last one. */
    void answered(ApprovalRow answer) {
        StreamEvent.Log line =
                new StreamEvent.Log("info", "%s: %s by %s".formatted(answer.id(), answer.state(), answer.decidedBy()));
        journal.write((tables, row) -> {
            Remembered.answered(tables, answer);
            boolean last = tables.approvals().list(taskId, MOST_QUESTIONS).stream()
                    .noneMatch(other -> other.state().equals("open"));
            if (last && TaskLifecycle.TABLE.find(row.phase(), Trigger.ANSWER).isPresent()) {
                move(tables, row, Trigger.ANSWER);
            }
            return List.of(Json.progress(line));
        });
    }

    /**
     * The task is done.
     *
     * @throws IllegalArgumentException where the outputs are too large
     */
    void complete(String summary, @Nullable Object outputs, Map<String, Object> usage) throws InterruptedException {
        int bytes = Json.write(outputs).getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Json.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("%d bytes: wanted at most %d".formatted(bytes, Json.MAX_VALUE_BYTES));
        }
        end(Trigger.COMPLETE, tables -> {
            Map<String, @Nullable Object> result = new LinkedHashMap<>();
            result.put("spaceId", taskId);
            result.put("summary", summary);
            result.put("outputs", outputs);
            result.put(
                    "artifacts",
                    tables.artifacts().list(taskId).stream()
                            .map(row -> new BuiltIns.Artifact(row).shown())
                            .toList());
            result.put("usage", usage);
            return Map.of("result", result);
        });
    }

    /** The task failed; or, where the store says it is to stop, is stopped. */
    void fail(String error, Map<String, Object> more) throws InterruptedException {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("error", error);
        data.putAll(more);
        end(Trigger.FAIL, tables -> data);
    }

    private interface Last {
        Map<String, Object> data(Tables tables);
    }

    private void end(Trigger wanted, Last last) throws InterruptedException {
        journal.await(journal.write((tables, row) -> {
            boolean stopping = row.phase() == Phase.STOPPING;
            Trigger trigger = stopping ? Trigger.STOPPED : wanted;
            Map<String, Object> data = stopping ? Map.of("error", "stopped") : last.data(tables);
            Phase phase = TaskLifecycle.TABLE.next(taskId, row.phase(), trigger, List.of());
            Object result = data.get("result");
            Object error = stopping ? null : data.get("error");
            List<JournalEvent> entries = new ArrayList<>(RunJournal.takeMessages(tables, taskId, new ArrayList<>()));
            entries.add(Json.entry(phase == Phase.COMPLETED ? "completed" : "error", Json.write(traced(row, data))));
            tables.approvals().voidOfTask(taskId, Instant.now());
            Remembered.forget(tables, taskId);
            tables.values().remove(RunJournal.planKey(taskId));
            tables.tasks()
                    .update(changed(
                            row,
                            phase,
                            row.startedAt(),
                            result == null ? null : Json.write(result),
                            error == null ? null : error.toString(),
                            Instant.now()));
            return entries;
        }));
    }

    /** The first and the last frame of an attempt carry the span it is; what lies between belongs to the same. */
    private static Map<String, Object> traced(TaskRow row, Map<String, Object> data) {
        Map<String, Object> more = new LinkedHashMap<>(data);
        if (row.traceparent() != null) {
            more.put(TraceContext.HEADER, row.traceparent());
        }
        return more;
    }

    private void move(Tables tables, TaskRow row, Trigger trigger) {
        Phase phase = TaskLifecycle.TABLE.next(taskId, row.phase(), trigger, List.of());
        Instant startedAt = trigger == Trigger.START ? Instant.now() : row.startedAt();
        tables.tasks().update(changed(row, phase, startedAt, row.result(), row.error(), row.completedAt()));
    }

    private static TaskRow changed(
            TaskRow row,
            Phase phase,
            @Nullable Instant startedAt,
            @Nullable String result,
            @Nullable String error,
            @Nullable Instant completedAt) {
        return new TaskRow(
                row.id(),
                row.goal(),
                row.viberId(),
                row.pinned(),
                phase,
                row.attempt(),
                row.options(),
                result,
                error,
                row.createdAt(),
                startedAt,
                completedAt,
                row.peerSeq(),
                row.leaseUntil(),
                row.deadline(),
                row.idempotencyKey(),
                row.traceparent());
    }
}
