package dev.viber.gateway;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskFilter;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.Decision;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Trigger;
import dev.viber.api.task.TaskMessage;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What clients do to tasks, as changes of the tables: each decides by the state it finds in its own transaction. */
final class TaskBook {
    private final Tables tables;
    private final Effects effects;
    private final Instant now;
    private final Orders orders;
    private final @Nullable String by;

    TaskBook(Tables tables, Effects effects, Instant now) {
        this(tables, effects, now, null);
    }

    /** {@code by} is the name of whoever asks; null where nobody does, or it is not known. */
    TaskBook(Tables tables, Effects effects, Instant now, @Nullable String by) {
        this.by = by;
        this.tables = tables;
        this.effects = effects;
        this.now = now;
        this.orders = new Orders(tables, effects);
    }

    /** The task that was handed in, and whether it is new: a key used before finds its task again. */
    record Entry(TaskRow row, boolean created) {}

    /** Takes a new task in. */
    Entry submit(TaskRow row) {
        String key = row.idempotencyKey();
        if (key != null) {
            TaskRow had = tables.tasks().findByKey(key).orElse(null);
            if (had != null) {
                if (!had.goal().equals(row.goal()) || !had.options().equals(row.options())) {
                    throw new ProblemException(
                            Kind.CONFLICT,
                            "The idempotency key '%s' was used for another task, %s".formatted(key, had.id()));
                }
                return new Entry(had, false);
            }
        }
        String viberId = row.viberId();
        if (viberId != null && tables.vibers().find(viberId).isEmpty()) {
            throw ProblemException.invalid(
                    "/viberId",
                    "There is no viber '%s'; issue a token for it first (POST /vibers/%s/tokens)"
                            .formatted(viberId, viberId));
        }
        tables.tasks().insert(row);
        append(
                row.id(),
                "queued",
                told(row.traceparent() == null ? Map.of() : Map.of("traceparent", row.traceparent())));
        effects.moved.add(new Effects.Moved(null, row));
        queued(row);
        effects.due = true;
        return new Entry(row, true);
    }

    /** Stops a task; one that has ended stays as it is. */
    TaskRow stop(String taskId) {
        TaskEdit task = edit(taskId);
        if (task.phase.isEnded() || task.phase == Phase.STOPPING) {
            return task.before();
        }
        if (task.phase == Phase.QUEUED) {
            task.on(Trigger.STOPPED);
            task.event("stopped", told(Map.of()));
        } else {
            task.on(Trigger.STOP);
            task.event("stopping", told(Map.of()));
            task.leaseUntil = now.plus(GatewayComponent.STOP_GRACE);
            orders.stop(Objects.requireNonNull(task.viberId, "a held task has a viber"), task.before());
        }
        task.save();
        return task.row();
    }

    /** Passes a message on to the viber that works on the task. */
    TaskRow message(String taskId, TaskMessage message) {
        TaskEdit task = edit(taskId);
        String viberId = task.viberId;
        if (!task.phase.isHeld() || task.phase == Phase.STOPPING || viberId == null) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "The task %s is %s; only a task that a viber works on takes messages"
                            .formatted(taskId, task.phase.word()));
        }
        task.event(
                "message",
                told(Map.of("message", message.message(), "mode", message.mode().word())));
        orders.message(viberId, task.before(), message);
        task.save();
        return task.row();
    }

    /** Queues a task once more. */
    TaskRow retry(String taskId) {
        TaskEdit task = edit(taskId);
        if (!task.can(Trigger.RETRY)) {
            throw new ProblemException(
                    Kind.CONFLICT,
                    "The task %s is %s; only one that has ended, or waits for a decision, can be tried again"
                            .formatted(taskId, task.phase.word()));
        }
        if (task.phase == Phase.WAITING && task.viberId != null) {
            // Where the submit itself was cut off there is nothing to stop that is known to have begun, and a minimal
            // viber's "stopped" would be taken for the end of the next attempt.
            if (tables.approvals()
                    .find(Reconciliation.unknownSubmitId(taskId, task.attempt))
                    .isEmpty()) {
                orders.stop(task.viberId, task.before());
            }
            tables.approvals().voidOfTask(taskId, now);
        }
        task.on(Trigger.RETRY);
        task.event("retried", told(Map.of("attempt", task.attempt + 1)));
        if (!task.before().pinned()) {
            task.viberId = null;
        }
        task.result = null;
        task.error = null;
        tables.artifacts().deleteOfTask(taskId);
        tables.values().remove(Intake.usageKey(taskId));
        task.startedAt = null;
        task.completedAt = null;
        task.leaseUntil = null;
        task.save();
        queued(task.row());
        return task.row();
    }

    /** Queues a task once more that was given up. */
    TaskRow revive(String taskId) {
        if (find(taskId).phase() != Phase.DEAD) {
            throw ProblemException.notFound("dead letter", taskId);
        }
        return retry(taskId);
    }

    /** The task of this id. */
    TaskRow find(String taskId) {
        return tables.tasks().find(taskId).orElseThrow(() -> ProblemException.notFound("task", taskId));
    }

    /** The question of this id. */
    ApprovalRow question(String approvalId) {
        return tables.approvals().find(approvalId).orElseThrow(() -> ProblemException.notFound("approval", approvalId));
    }

    /** Answers what a waiting task asked. */
    ApprovalRow decide(String approvalId, Decision decision) {
        ApprovalRow asked = question(approvalId);
        if (!asked.state().equals("open")) {
            throw new ProblemException(
                    Kind.CONFLICT, "The approval %s is %s already".formatted(approvalId, asked.state()));
        }
        ApprovalRow answered = new ApprovalRow(
                asked.id(),
                asked.taskId(),
                asked.tool(),
                asked.arguments(),
                asked.reason(),
                decision.allow() ? "allowed" : "denied",
                decision.by(),
                asked.createdAt(),
                now);
        tables.approvals().put(answered);
        TaskEdit task = edit(asked.taskId());
        task.event(
                "decided",
                Infos.json(Map.of("approvalId", approvalId, "allow", decision.allow(), "by", decision.by())));
        if (asked.id().startsWith(Reconciliation.UNKNOWN_SUBMIT)) {
            // The gateway itself asked: no viber holds this task, so the answer is carried out here.
            settleUnknownSubmit(task, decision.allow());
            return answered;
        }
        boolean more = tables.approvals().list(asked.taskId(), 100).stream()
                .anyMatch(other -> other.state().equals("open"));
        if (!more && task.can(Trigger.ANSWER)) {
            task.on(Trigger.ANSWER);
        }
        if (task.viberId != null) {
            orders.decide(task.viberId, task.before(), approvalId, decision);
        }
        task.save();
        return answered;
    }

    private void settleUnknownSubmit(TaskEdit task, boolean again) {
        if (!again) {
            task.on(Trigger.FAIL);
            task.error = "outcome unknown: the connection was cut before the viber said that it began";
            task.event("error", Infos.json(Map.of("error", task.error)));
            task.save();
            return;
        }
        task.save();
        retry(task.before().id());
    }

    /** Takes the named dead letter, or up to {@code limit} of them, off the desk. */
    int prune(@Nullable String taskId, int limit) {
        List<TaskRow> dead = taskId == null
                ? tables.tasks().list(new TaskFilter(EnumSet.of(Phase.DEAD), null, null), limit)
                : List.of(edit(taskId).before());
        for (TaskRow row : dead) {
            TaskEdit task = new TaskEdit(tables, effects, row, now);
            if (!task.can(Trigger.PRUNE)) {
                throw ProblemException.notFound("dead letter", row.id());
            }
            task.on(Trigger.PRUNE);
            task.completedAt = row.completedAt();
            task.save();
        }
        return dead.size();
    }

    /** Gives up on every task whose lease or deadline has passed; tells whether there may be more. */
    boolean expire(int limit) {
        List<TaskRow> overdue = tables.tasks().overdue(now, limit);
        for (TaskRow row : overdue) {
            TaskEdit task = new TaskEdit(tables, effects, row, now);
            if (task.phase == Phase.STOPPING) {
                task.on(Trigger.STOPPED);
                task.event("stopped", "{\"confirmed\":false}");
                task.save();
                continue;
            }
            if (task.phase.isHeld() && task.viberId != null) {
                // Whatever this attempt still does, it is fenced off from now on; a viber that is there is told.
                tables.commands().removeOfTask(row.id());
                orders.stop(task.viberId, row);
            }
            task.error = reason(row);
            task.on(Trigger.EXPIRE);
            task.event("error", Infos.json(Map.of("error", task.error, "dead", true)));
            task.save();
        }
        return overdue.size() == limit;
    }

    private String reason(TaskRow row) {
        Instant deadline = row.deadline();
        if (deadline != null && !deadline.isAfter(now)) {
            return row.phase() == Phase.QUEUED
                    ? "no able viber took it before its deadline, " + deadline
                    : "it had not ended at its deadline, " + deadline;
        }
        return "its viber '%s' went away and did not return before its lease ended, %s"
                .formatted(row.viberId(), row.leaseUntil());
    }

    private void queued(TaskRow row) {
        if (row.viberId() == null) {
            effects.queuedForAny = true;
        } else {
            effects.queuedFor.add(row.viberId());
        }
    }

    /** What is told of a deed, and who did it. */
    private String told(Map<String, ?> what) {
        Map<String, Object> data = new LinkedHashMap<>(what);
        if (by != null) {
            data.put("by", by);
        }
        return Infos.json(data);
    }

    private TaskEdit edit(String taskId) {
        return new TaskEdit(tables, effects, find(taskId), now);
    }

    private void append(String taskId, String kind, String data) {
        tables.journal().append(TaskEdit.topic(taskId), List.of(new JournalEvent(kind, now.toEpochMilli(), data)));
    }
}
