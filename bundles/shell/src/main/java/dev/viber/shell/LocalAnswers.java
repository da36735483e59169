package dev.viber.shell;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.DurableStore;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.task.TaskRunner;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What tasks without a gateway ask and made, and the answers this viber remembers: read from its store, and changed there.
 */
final class LocalAnswers {
    private static final int MANY = 1000;
    private static final String REMEMBERED = "remembered/";

    private final Gate<Store> store;
    private final DurableStore durable;
    private final Gate<TaskRunner> runner;

    LocalAnswers(Gate<Store> store, Gate<TaskRunner> runner) {
        this.store = store;
        durable = new DurableStore(store);
        this.runner = runner;
    }

    /** What tasks of this viber's own user ask, open questions first. */
    List<Map<String, Object>> approvals() {
        return store.call(s -> s.read(tables -> tables.approvals().list(null, MANY).stream()
                .filter(row -> row.taskId().startsWith(LocalTasks.PREFIX))
                .map(LocalAnswers::shown)
                .toList()));
    }

    private static Map<String, Object> shown(ApprovalRow row) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("id", row.id());
        shown.put("taskId", row.taskId());
        shown.put("tool", row.tool());
        shown.put("arguments", Json.object(row.arguments()));
        shown.put("reason", row.reason());
        shown.put("state", row.state());
        shown.put("by", row.decidedBy());
        shown.put("createdAt", row.createdAt().toString());
        return shown;
    }

    /**
     * Answers a question.
     *
     * @param remember {@code task} or {@code viber} to answer alike from now on; null for this once
     */
    Map<String, Object> decide(String approvalId, boolean allow, @Nullable String remember)
            throws InterruptedException {
        if (remember != null && !remember.equals("task") && !remember.equals("viber")) {
            throw ProblemException.invalid("/remember", "remember is '%s'; wanted task or viber".formatted(remember));
        }
        ApprovalRow answered = durable.write(tables -> {
            ApprovalRow asked = tables.approvals()
                    .find(approvalId)
                    .filter(row -> row.taskId().startsWith(LocalTasks.PREFIX))
                    .orElseThrow(() -> ProblemException.notFound("approval of a local task", approvalId));
            if (!asked.state().equals("open")) {
                throw new ProblemException(
                        Kind.CONFLICT, "The approval %s is %s already".formatted(approvalId, asked.state()));
            }
            ApprovalRow row = new ApprovalRow(
                    asked.id(),
                    asked.taskId(),
                    asked.tool(),
                    asked.arguments(),
                    asked.reason(),
                    allow ? "allowed" : "denied",
                    "the viber's user",
                    asked.createdAt(),
                    Instant.now());
            tables.approvals().put(row);
            if (remember != null) {
                tables.values().put("remember/" + row.taskId() + "/" + row.id(), remember);
            }
            return row;
        });
        runner.ifOpen(present -> present.wake(answered.taskId()));
        return shown(answered);
    }

    /** The answers that are given alike from now on. */
    List<Map<String, Object>> remembered() {
        return store.call(s -> s.read(tables -> tables.values().list(REMEMBERED).entrySet().stream()
                .map(entry -> {
                    Map<String, Object> shown = new LinkedHashMap<>();
                    shown.put("id", entry.getKey().substring(REMEMBERED.length()));
                    shown.putAll(Json.object(entry.getValue()));
                    return shown;
                })
                .toList()));
    }

    /** Forgets one of them, by its id. */
    void forget(String id) throws InterruptedException {
        durable.write(tables -> {
            if (tables.values().get(REMEMBERED + id).isEmpty()) {
                throw ProblemException.notFound("remembered answer", id);
            }
            tables.values().remove(REMEMBERED + id);
            return true;
        });
    }

    /** The artifacts of a task without a gateway, and where their bytes lie. */
    List<Map<String, Object>> artifacts(String taskId) {
        return store.call(s -> s.read(tables -> {
            if (!taskId.startsWith(LocalTasks.PREFIX)
                    || tables.tasks().find(taskId).isEmpty()) {
                throw ProblemException.notFound("local task", taskId);
            }
            return tables.artifacts().list(taskId).stream()
                    .map(row -> Map.<String, Object>of(
                            "name", row.name(),
                            "type", row.type(),
                            "bytes", row.bytes(),
                            "sha256", row.sha256(),
                            "createdAt", row.createdAt().toString(),
                            "location", row.location()))
                    .toList();
        }));
    }
}
