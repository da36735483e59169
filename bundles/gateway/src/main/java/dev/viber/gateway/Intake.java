package dev.viber.gateway;

import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Trigger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Takes in what a viber says about its tasks: one change for all frames that waited together. */
final class Intake {
    /** All frames of this attempt up to {@code vseq} are durable. */
    record Ack(String taskId, int attempt, long vseq) {}

    /**
     * What became of the frames.
     *
     * @param acks to send, the last one of each task
     * @param gap whether a frame skipped a number: the viber must connect again and resume
     * @param stray frames about tasks this viber does not have
     */
    record Taken(List<Ack> acks, boolean gap, int stray) {}

    /** How the event of this kind begins as our vibers write it; only such a frame is looked into. */
    private static final String USAGE = "{\"event\":{\"kind\":\"usage\"";

    private final Tables tables;
    private final Effects effects;
    private final Instant now;
    private final String viberId;

    Intake(Tables tables, Effects effects, Instant now, String viberId) {
        this.tables = tables;
        this.effects = effects;
        this.now = now;
        this.viberId = viberId;
    }

    /** Takes in the frames, all of which are about tasks or acknowledge commands, in their order. */
    Taken take(List<Frame> frames) {
        Map<String, List<Frame>> byTask = new LinkedHashMap<>();
        for (Frame frame : frames) {
            if (frame.isOfTask()) {
                byTask.computeIfAbsent(String.valueOf(frame.taskId()), id -> new ArrayList<>())
                        .add(frame);
            } else {
                tables.commands().remove(viberId, frame.cmd());
            }
        }
        List<Ack> acks = new ArrayList<>();
        boolean gap = false;
        int stray = 0;
        for (Map.Entry<String, List<Frame>> entry : byTask.entrySet()) {
            TaskRow row = tables.tasks().find(entry.getKey()).orElse(null);
            if (row == null || !viberId.equals(row.viberId())) {
                stray += entry.getValue().size();
                entry.getValue().forEach(frame -> ack(acks, frame));
                continue;
            }
            gap |= takeOfTask(row, entry.getValue(), acks);
        }
        return new Taken(acks, gap, stray);
    }

    private boolean takeOfTask(TaskRow row, List<Frame> frames, List<Ack> acks) {
        TaskEdit task = new TaskEdit(tables, effects, row, now);
        boolean gap = false;
        for (Frame frame : frames) {
            boolean counted = frame.vseq() > 0;
            if (counted && frame.attempt() != row.attempt()) {
                ack(acks, frame);
                continue;
            }
            if (counted && frame.vseq() > task.peerSeq + 1) {
                gap = true;
                break;
            }
            if (counted && frame.vseq() <= task.peerSeq) {
                continue;
            }
            apply(task, frame, counted);
            if (counted) {
                task.peerSeq = frame.vseq();
            }
        }
        task.save();
        if (task.peerSeq > 0) {
            acks.add(new Ack(row.id(), row.attempt(), task.peerSeq));
        }
        return gap;
    }

    private void apply(TaskEdit task, Frame frame, boolean counted) {
        if (task.phase.isEnded() || task.phase == Phase.QUEUED) {
            if (!counted) {
                task.event("late", "{\"frame\":\"" + frame.kind() + "\"" + rest(frame));
            }
            return;
        }
        switch (frame.kind()) {
            case "started" -> {
                begin(task);
                task.event("started", frame.data());
            }
            case "progress" -> {
                begin(task);
                task.event("progress", frame.data());
                if (frame.data().startsWith(USAGE)) {
                    usage(task, FrameReader.tree(frame.data()).path("event").path("values"));
                }
            }
            case "approval" -> ask(task, frame);
            case "decided" -> decided(task, frame);
            case "completed" -> end(task, frame, Trigger.COMPLETE);
            case "error" -> end(task, frame, Trigger.FAIL);
            default -> task.event("late", "{\"frame\":\"unknown\"}");
        }
    }

    // A minimal viber may begin with progress; that it began is then plain.
    private static void begin(TaskEdit task) {
        if (task.can(Trigger.START)) {
            task.on(Trigger.START);
        }
        if (task.phase == Phase.RUNNING) {
            task.leaseUntil = null;
        }
    }

    private void end(TaskEdit task, Frame frame, Trigger trigger) {
        if (task.phase == Phase.STOPPING) {
            if (trigger == Trigger.COMPLETE) {
                task.event("late", "{\"frame\":\"completed\"" + rest(frame));
            }
            task.on(Trigger.STOPPED);
            task.event("stopped", "{}");
            return;
        }
        JsonNode data = FrameReader.tree(frame.data());
        usage(task, data.path("usage"));
        usage(task, data.path("result").path("usage"));
        task.on(trigger);
        if (trigger == Trigger.COMPLETE) {
            task.result = data.path("result").isMissingNode()
                    ? "{}"
                    : data.path("result").toString();
            task.event("completed", frame.data());
        } else {
            JsonNode error = data.path("error");
            task.error = error.isString()
                    ? error.stringValue()
                    : error.isMissingNode() ? "no reason given" : error.toString();
            task.event("error", frame.data());
        }
    }

    private void ask(TaskEdit task, Frame frame) {
        JsonNode data = FrameReader.tree(frame.data());
        String approvalId = data.path("approvalId").asString("");
        if (approvalId.isEmpty()) {
            return;
        }
        JsonNode tool = data.path("tool");
        tables.approvals()
                .put(new ApprovalRow(
                        approvalId,
                        task.before().id(),
                        tool.isString() ? tool.stringValue() : null,
                        data.path("arguments").isObject()
                                ? data.path("arguments").toString()
                                : "{}",
                        data.path("reason").asString("the viber asks"),
                        "open",
                        null,
                        now,
                        null));
        if (task.can(Trigger.ASK)) {
            task.on(Trigger.ASK);
        }
        task.event("waiting", frame.data());
    }

    /** The viber itself settled a question: nobody answered in time. What it did is what counts. */
    private void decided(TaskEdit task, Frame frame) {
        JsonNode data = FrameReader.tree(frame.data());
        String approvalId = data.path("approvalId").asString("");
        ApprovalRow asked = tables.approvals()
                .find(approvalId)
                .filter(row -> row.taskId().equals(task.before().id()))
                .orElse(null);
        if (asked == null) {
            return;
        }
        tables.approvals()
                .put(new ApprovalRow(
                        asked.id(),
                        asked.taskId(),
                        asked.tool(),
                        asked.arguments(),
                        asked.reason(),
                        data.path("allow").asBoolean(false) ? "allowed" : "denied",
                        data.path("by").asString("the viber"),
                        asked.createdAt(),
                        now));
        task.event("decided", frame.data());
        boolean more = tables.approvals().list(asked.taskId(), 100).stream()
                .anyMatch(other -> other.state().equals("open"));
        if (!more && task.can(Trigger.ANSWER)) {
            task.on(Trigger.ANSWER);
        }
    }

    private void usage(TaskEdit task, JsonNode values) {
        if (values.isObject()) {
            tables.values().put(usageKey(task.before().id()), values.toString());
        }
    }

    /** The key under which what a task spent is kept. */
    static String usageKey(String taskId) {
        return "usage/" + taskId;
    }

    private static String rest(Frame frame) {
        return frame.data().length() > 2 ? "," + frame.data().substring(1) : "}";
    }

    private static void ack(List<Ack> acks, Frame frame) {
        if (frame.vseq() > 0) {
            acks.removeIf(had -> had.taskId().equals(frame.taskId()) && had.attempt() == frame.attempt());
            acks.add(new Ack(String.valueOf(frame.taskId()), frame.attempt(), frame.vseq()));
        }
    }
}
