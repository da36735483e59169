package dev.viber.gateway;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Trigger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One task being changed: transitions and events gathered, then saved at once. */
final class TaskEdit {
    private final Tables tables;
    private final Effects effects;
    private final TaskRow before;
    private final Instant now;
    private final List<JournalEvent> events = new ArrayList<>();

    @Nullable
    String viberId;

    Phase phase;
    int attempt;

    @Nullable
    String result;

    @Nullable
    String error;

    @Nullable
    Instant startedAt;

    @Nullable
    Instant completedAt;

    long peerSeq;

    @Nullable
    Instant leaseUntil;

    TaskEdit(Tables tables, Effects effects, TaskRow row, Instant now) {
        this.tables = tables;
        this.effects = effects;
        this.before = row;
        this.now = now;
        viberId = row.viberId();
        phase = row.phase();
        attempt = row.attempt();
        result = row.result();
        error = row.error();
        startedAt = row.startedAt();
        completedAt = row.completedAt();
        peerSeq = row.peerSeq();
        leaseUntil = row.leaseUntil();
    }

    /** The journal's topic of a task. */
    static String topic(String taskId) {
        return "task/" + taskId;
    }

    /** The task as it was. */
    TaskRow before() {
        return before;
    }

    /** Whether this can happen now. */
    boolean can(Trigger trigger) {
        return TaskLifecycle.TABLE.find(phase, trigger).isPresent();
    }

    /** Lets this happen; refused by the table, with the task's last events in the error, where it cannot. */
    void on(Trigger trigger) {
        phase = TaskLifecycle.TABLE.find(phase, trigger).orElseGet(() -> impossible(trigger));
        if (phase == Phase.RUNNING && startedAt == null) {
            startedAt = now;
        }
        if (phase.isEnded()) {
            completedAt = now;
            leaseUntil = null;
            tables.approvals().voidOfTask(before.id(), now);
        }
    }

    // Only here is the history worth reading.
    private Phase impossible(Trigger trigger) {
        long last = tables.journal().lastSeq(topic(before.id()));
        List<String> history = tables.journal().read(topic(before.id()), Math.max(0, last - 20), 20).stream()
                .flatMap(segment -> segment.events().stream())
                .map(JournalEvent::kind)
                .toList();
        return TaskLifecycle.TABLE.next(before.id(), phase, trigger, history);
    }

    /** Adds an event; {@code data} is a JSON object. */
    void event(String kind, String data) {
        events.add(new JournalEvent(kind, now.toEpochMilli(), data));
    }

    /** Writes it all down, and says which slots of capacity changed hands. */
    void save() {
        if (!events.isEmpty()) {
            tables.journal().append(topic(before.id()), events);
        }
        TaskRow after = row();
        if (!after.equals(before)) {
            if (onlyPeerSeqDiffers(after)) {
                tables.tasks().peerSeq(before.id(), peerSeq);
            } else {
                tables.tasks().update(after);
                effects.due |= !Objects.equals(before.leaseUntil(), leaseUntil);
            }
        }
        if (phase != before.phase()) {
            effects.moved.add(new Effects.Moved(before.phase(), after));
        }
        slot(before.viberId(), before.phase(), false);
        slot(viberId, phase, true);
    }

    private void slot(@Nullable String holder, Phase inPhase, boolean taken) {
        boolean moved = before.phase() != phase || !Objects.equals(before.viberId(), viberId);
        boolean occupies = inPhase.isHeld() && inPhase != Phase.WAITING;
        if (moved && occupies && holder != null) {
            effects.slots.add(new Effects.Slot(holder, before.id(), taken));
        }
    }

    private boolean onlyPeerSeqDiffers(TaskRow after) {
        return after.phase() == before.phase()
                && after.attempt() == before.attempt()
                && Objects.equals(after.viberId(), before.viberId())
                && Objects.equals(after.leaseUntil(), before.leaseUntil())
                && Objects.equals(after.startedAt(), before.startedAt())
                && Objects.equals(after.result(), before.result())
                && Objects.equals(after.error(), before.error())
                && Objects.equals(after.completedAt(), before.completedAt());
    }

    /** The task as it will be. */
    TaskRow row() {
        return new TaskRow(
                before.id(),
                before.goal(),
                viberId,
                before.pinned(),
                phase,
                attempt,
                before.options(),
                result,
                error,
                before.createdAt(),
                startedAt,
                completedAt,
                peerSeq,
                leaseUntil,
                before.deadline(),
                before.idempotencyKey(),
                before.traceparent());
    }
}
