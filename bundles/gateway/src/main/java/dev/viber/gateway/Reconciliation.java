package dev.viber.gateway;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.CommandRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.store.Tables.ViberRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Trigger;
import dev.viber.api.viber.ViberInfo;
import dev.viber.api.viber.ViberInfo.TaskPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What coming and going of a viber means for the tasks it holds. */
final class Reconciliation {
    /** The ids of questions the gateway itself asks begin with this. */
    static final String UNKNOWN_SUBMIT = "unknown-submit-";

    private static final String LOST = "outcome unknown: the viber came back without the task";

    /**
     * Where the two sides stand with one attempt, as {@code welcome} says it.
     *
     * @param discard whether the attempt is no longer this viber's
     */
    record Resume(String taskId, int attempt, long vseq, boolean discard) {}

    private final Tables tables;
    private final Effects effects;
    private final Instant now;
    private final Duration lease;

    Reconciliation(Tables tables, Effects effects, Instant now, Duration lease) {
        this.tables = tables;
        this.effects = effects;
        this.now = now;
        this.lease = lease;
    }

    /** A viber said {@code connected}. */
    List<Resume> connected(ViberInfo info) {
        ViberRow had = tables.vibers().find(info.id()).orElse(null);
        // A name given here stays until the viber is told of another; what the viber says is kept in its info.
        tables.vibers()
                .put(new ViberRow(
                        info.id(),
                        had == null || had.name().equals(had.id()) ? info.name() : had.name(),
                        Infos.write(info),
                        had == null ? "{}" : had.config(),
                        had == null ? now : had.createdAt(),
                        now,
                        now));
        tell(info.id(), "connected", Infos.json(Map.of("capabilities", info.capabilities())));
        effects.queuedFor.add(info.id());
        if (info.features().contains(Orders.ACK)) {
            return resume(info);
        }
        tables.commands().removeOfViber(info.id());
        reconcileMinimal(info);
        return List.of();
    }

    private List<Resume> resume(ViberInfo info) {
        Map<String, TaskPosition> known = new HashMap<>();
        info.tasks().forEach(position -> known.put(position.taskId(), position));
        Set<String> onTheWay = new HashSet<>();
        for (CommandRow command : tables.commands().pending(info.id())) {
            if (command.taskId() != null) {
                onTheWay.add(command.taskId());
            }
        }
        List<Resume> resume = new ArrayList<>();
        for (TaskRow row : tables.tasks().heldBy(info.id())) {
            TaskPosition position = known.remove(row.id());
            TaskEdit task = new TaskEdit(tables, effects, row, now);
            if (position != null && position.attempt() == row.attempt()) {
                if (task.phase != Phase.STOPPING) {
                    back(task);
                    task.leaseUntil = null;
                }
                resume.add(new Resume(row.id(), row.attempt(), row.peerSeq(), false));
            } else if (onTheWay.contains(row.id())) {
                back(task);
                task.leaseUntil = null;
                if (position != null) {
                    resume.add(new Resume(row.id(), position.attempt(), 0, true));
                }
            } else {
                lost(task);
            }
            task.save();
        }
        for (TaskPosition position : known.values()) {
            TaskRow row = tables.tasks().find(position.taskId()).orElse(null);
            boolean taken = row != null
                    && info.id().equals(row.viberId())
                    && row.attempt() == position.attempt()
                    && row.peerSeq() >= position.vseq();
            resume.add(new Resume(position.taskId(), position.attempt(), taken ? position.vseq() : 0, !taken));
        }
        return resume;
    }

    /** The task's viber was away, and is back: what happened in between is part of the task's story. */
    private void back(TaskEdit task) {
        Instant until = task.leaseUntil;
        if (until != null && task.phase != Phase.STOPPING && task.viberId != null) {
            double seconds =
                    Math.max(0, Duration.between(until.minus(lease), now).toMillis()) / 1000.0;
            task.event("reconnected", Infos.json(Map.of("viberId", task.viberId, "seconds", seconds)));
        }
    }

    private void reconcileMinimal(ViberInfo info) {
        for (TaskRow row : tables.tasks().heldBy(info.id())) {
            TaskEdit task = new TaskEdit(tables, effects, row, now);
            boolean running = info.runningTasks().contains(row.id());
            if (running) {
                back(task);
                task.leaseUntil = task.phase == Phase.STOPPING ? task.leaseUntil : null;
                if (task.can(Trigger.START)) {
                    task.on(Trigger.START);
                    task.event("started", "{}");
                } else if (isUnknownSubmit(row)) {
                    tables.approvals().voidOfTask(row.id(), now);
                    task.on(Trigger.ANSWER);
                    task.event("started", "{}");
                }
                if (task.phase == Phase.STOPPING) {
                    new Orders(tables, effects).stop(info.id(), row);
                }
            } else if (row.phase() == Phase.DISPATCHED) {
                unknownSubmit(task);
            } else if (!isUnknownSubmit(row)) {
                lost(task);
            }
            task.save();
        }
    }

    /** A viber's socket is gone: its tasks wait for it as long as their lease lasts. */
    void disconnected(String viberId, boolean minimal) {
        tables.vibers()
                .find(viberId)
                .ifPresent(row -> tables.vibers()
                        .put(new ViberRow(
                                row.id(),
                                row.name(),
                                row.info(),
                                row.config(),
                                row.createdAt(),
                                row.connectedAt(),
                                now)));
        tell(viberId, "disconnected", "{}");
        for (TaskRow row : tables.tasks().heldBy(viberId)) {
            away(row, minimal);
        }
    }

    /** The gateway began: no viber is there yet, whatever the tables say. */
    void begun() {
        for (TaskRow row : tables.tasks().open(Integer.MAX_VALUE)) {
            if (row.phase().isHeld()) {
                away(row, false);
            }
        }
    }

    private void away(TaskRow row, boolean minimal) {
        TaskEdit task = new TaskEdit(tables, effects, row, now);
        if (minimal && row.phase() == Phase.DISPATCHED) {
            unknownSubmit(task);
        } else if (row.leaseUntil() == null && !isUnknownSubmit(row)) {
            task.leaseUntil = now.plus(lease);
        }
        task.save();
    }

    // The viber may have begun, or never have got it: sending it again could do the work twice.
    private void unknownSubmit(TaskEdit task) {
        String approvalId = unknownSubmitId(task.before().id(), task.attempt);
        String reason = "outcome unknown: the connection was cut before the viber said that it began; submit it again?";
        tables.approvals()
                .put(new ApprovalRow(approvalId, task.before().id(), null, "{}", reason, "open", null, now, null));
        task.on(Trigger.ASK);
        task.leaseUntil = null;
        task.event("waiting", Infos.json(Map.of("approvalId", approvalId, "reason", reason)));
    }

    /** The id of the question whether a submit that was cut off is to be sent again. */
    static String unknownSubmitId(String taskId, int attempt) {
        return UNKNOWN_SUBMIT + taskId + "-" + attempt;
    }

    private boolean isUnknownSubmit(TaskRow row) {
        return row.phase() == Phase.WAITING
                && tables.approvals().list(row.id(), 10).stream()
                        .anyMatch(asked ->
                                asked.state().equals("open") && asked.id().startsWith(UNKNOWN_SUBMIT));
    }

    private static void lost(TaskEdit task) {
        if (task.phase == Phase.STOPPING) {
            task.on(Trigger.STOPPED);
            task.event("stopped", "{}");
            return;
        }
        task.on(Trigger.FAIL);
        task.error = LOST;
        task.event("error", Infos.json(Map.of("error", LOST)));
    }

    private void tell(String viberId, String kind, String data) {
        tables.journal().append("viber/" + viberId, List.of(new JournalEvent(kind, now.toEpochMilli(), data)));
    }
}
