package dev.viber.controller;

import static dev.viber.api.task.TaskLifecycle.TABLE;

import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Trigger;
import dev.viber.api.trace.TraceContext;
import dev.viber.controller.Frames.MalformedFrame;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What the gateway's commands about tasks change in the viber's store. */
final class Orders {
    /** Values under which messages to a task wait for its run: {@code message/<taskId>/<number, 12 digits>}. */
    static final String MESSAGE = "message/";

    /** Values that keep how far an answer is meant: {@code remember/<taskId>/<approvalId>}. */
    static final String REMEMBER = "remember/";

    private static final Logger LOG = LoggerFactory.getLogger(Orders.class);

    /** Counts messages of gateways that do not number their commands. */
    private static final String UNNUMBERED = "message-count";

    /**
     * A command, understood.
     *
     * @param taskId whose run is to be woken when the change is durable
     */
    record Order(String taskId, Effect effect) {}

    /** What a command changes. */
    @FunctionalInterface
    interface Effect {
        void apply(Tables tables);
    }

    private final String viberId;

    Orders(String viberId) {
        this.viberId = viberId;
    }

    /** Whether frames of this type are commands about a task. */
    static boolean isOrder(String type) {
        return switch (type) {
            case "task:submit", "task:stop", "task:message", "task:decision" -> true;
            default -> false;
        };
    }

    /**
     * Understands a command.
     *
     * @param cmd its number; 0 where the gateway does not number them
     */
    Order read(String type, JsonNode frame, long cmd) throws MalformedFrame {
        String taskId = Frames.text(frame, "taskId");
        Effect effect = switch (type) {
            case "task:submit" -> submit(taskId, frame);
            case "task:stop" -> stop(taskId, frame.path("attempt").intValue(0));
            case "task:message" -> message(taskId, frame, cmd);
            case "task:decision" -> decision(taskId, frame);
            default -> throw new MalformedFrame("no command: " + type);
        };
        return new Order(taskId, effect);
    }

    private Effect submit(String taskId, JsonNode frame) throws MalformedFrame {
        String goal = Frames.text(frame, "goal");
        int attempt = frame.path("attempt").intValue(1);
        JsonNode options = frame.path("options");
        if (!options.isObject() && !options.isMissingNode() && !options.isNull()) {
            throw new MalformedFrame("wanted an object 'options'");
        }
        String text = options.isObject() ? options.toString() : "{}";
        // What is no traceparent is as if it were not there; the run is then a span of no trace.
        @Nullable
        String traceparent = TraceContext.parse(frame.path(TraceContext.HEADER).stringValue(null))
                .map(TraceContext::child)
                .map(TraceContext::toString)
                .orElse(null);
        return tables -> {
            TaskRow had = tables.tasks().find(taskId).orElse(null);
            if (had != null) {
                if (had.attempt() >= attempt) {
                    return;
                }
                Held.forget(tables, taskId);
            }
            tables.tasks()
                    .insert(new TaskRow(
                            taskId,
                            goal,
                            viberId,
                            false,
                            Phase.DISPATCHED,
                            attempt,
                            text,
                            null,
                            null,
                            Instant.now(),
                            null,
                            null,
                            0,
                            null,
                            null,
                            null,
                            traceparent));
        };
    }

    private static Effect stop(String taskId, int attempt) {
        return tables -> tables.tasks()
                .find(taskId)
                .filter(row -> attempt == 0 || row.attempt() == attempt)
                .ifPresent(row -> TABLE.find(row.phase(), Trigger.STOP)
                        .ifPresent(phase -> tables.tasks().update(inPhase(row, phase))));
    }

    private static TaskRow inPhase(TaskRow row, Phase phase) {
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

    private static Effect message(String taskId, JsonNode frame, long cmd) throws MalformedFrame {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("mode", frame.path("mode").stringValue("steer"));
        message.put("message", Frames.text(frame, "message"));
        String json = Frames.json(message);
        return tables -> {
            TaskRow row = tables.tasks().find(taskId).orElse(null);
            if (row == null || row.phase().isEnded()) {
                LOG.info("a message came for task {}, which {}", taskId, row == null ? "is not here" : "has ended");
                return;
            }
            long number = cmd > 0 ? cmd : countUnnumbered(tables);
            tables.values().put(MESSAGE + taskId + "/" + String.format(Locale.ROOT, "%012d", number), json);
        };
    }

    private static long countUnnumbered(Tables tables) {
        long next = tables.values().get(UNNUMBERED).map(Long::parseLong).orElse(0L) + 1;
        tables.values().put(UNNUMBERED, Long.toString(next));
        return next;
    }

    private static Effect decision(String taskId, JsonNode frame) throws MalformedFrame {
        String approvalId = Frames.text(frame, "approvalId");
        if (!frame.path("allow").isBoolean()) {
            throw new MalformedFrame("wanted a boolean 'allow'");
        }
        boolean allow = frame.path("allow").booleanValue();
        @Nullable String by = frame.path("by").stringValue(null);
        @Nullable String remember = frame.path("remember").stringValue(null);
        return tables -> {
            ApprovalRow row = tables.approvals().find(approvalId).orElse(null);
            if (row == null || !row.taskId().equals(taskId) || !row.state().equals("open")) {
                LOG.info("an answer came to question {} of task {}, which is not open here", approvalId, taskId);
                return;
            }
            tables.approvals()
                    .put(new ApprovalRow(
                            row.id(),
                            row.taskId(),
                            row.tool(),
                            row.arguments(),
                            row.reason(),
                            allow ? "allowed" : "denied",
                            by,
                            row.createdAt(),
                            Instant.now()));
            if (remember != null) {
                tables.values().put(REMEMBER + taskId + "/" + approvalId, remember);
            }
        };
    }
}
