package dev.viber.gateway;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskFilter;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.Approval;
import dev.viber.api.task.Budget;
import dev.viber.api.task.Decision;
import dev.viber.api.task.PlaybookCheck;
import dev.viber.api.task.PlaybookCheck.Finding;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskDesk;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskMessage;
import dev.viber.api.task.TaskSubmission;
import dev.viber.api.trace.TraceContext;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/** The gateway's desk for tasks. */
final class GatewayTaskDesk implements TaskDesk {
    private static final int APPROVALS_LISTED = 1000;
    private static final int PRUNED_AT_ONCE = 10_000;

    private final Gateway gateway;
    private final Gate<PlaybookCheck> playbooks;
    private final @Nullable String key;
    private final @Nullable String by;

    GatewayTaskDesk(Gateway gateway, Gate<PlaybookCheck> playbooks) {
        this(gateway, playbooks, null, null);
    }

    private GatewayTaskDesk(Gateway gateway, Gate<PlaybookCheck> playbooks, @Nullable String key, @Nullable String by) {
        this.gateway = gateway;
        this.playbooks = playbooks;
        this.key = key;
        this.by = by;
    }

    @Override
    public TaskDesk once(String givenKey) {
        return new GatewayTaskDesk(gateway, playbooks, givenKey, by);
    }

    @Override
    public TaskDesk by(String caller) {
        return new GatewayTaskDesk(gateway, playbooks, key, caller);
    }

    @Override
    public Promise<Submitted> submit(TaskSubmission submission) {
        if (submission.goal().isBlank()) {
            throw ProblemException.invalid("/goal", "The goal is blank; say in words what is to be done");
        }
        checkPlaybook(submission.options());
        Budget.of(submission.options().get("budget"), "/options/budget");
        Instant now = Instant.now();
        Instant deadline = deadline(submission.options());
        TaskRow row = new TaskRow(
                UUID.randomUUID().toString(),
                submission.goal(),
                submission.viberId(),
                submission.viberId() != null,
                Phase.QUEUED,
                0,
                Infos.json(submission.options()),
                null,
                null,
                now,
                null,
                null,
                0,
                null,
                deadline == null ? now.plus(gateway.settings().deadline()) : deadline,
                submission.idempotencyKey(),
                TraceContext.parse(submission.traceparent())
                        .map(TraceContext::child)
                        .orElseGet(TraceContext::begin)
                        .toString());
        return gateway.change((tables, effects) -> {
            TaskBook.Entry entry = new TaskBook(tables, effects, now, by).submit(row);
            return new Submitted(view(tables, entry.row()), entry.created());
        });
    }

    private void checkPlaybook(Map<String, Object> options) {
        Object playbook = options.get("playbook");
        if (playbook == null) {
            return;
        }
        if (!(playbook instanceof String text)) {
            throw ProblemException.invalid(
                    "/options/playbook", "The playbook is not a text; send its YAML as a string");
        }
        if (options.get("inputs") != null && !(options.get("inputs") instanceof Map)) {
            throw ProblemException.invalid("/options/inputs", "The inputs are not an object");
        }
        List<Finding> findings = playbooks.call(check -> check.check(text, Needs.inputs(options)));
        if (!findings.isEmpty()) {
            Finding first = findings.getFirst();
            String where = first.line() > 0 ? "line %d, column %d: ".formatted(first.line(), first.column()) : "";
            Map<String, Object> extensions = new LinkedHashMap<>();
            if (first.line() > 0) {
                extensions.put("line", first.line());
                extensions.put("column", first.column());
            }
            extensions.put("pointer", "/options/playbook");
            extensions.put("findings", findings);
            throw new ProblemException(
                    Kind.INVALID, "The playbook is not sound. " + where + first.message(), extensions);
        }
    }

    private static @Nullable Instant deadline(Map<String, Object> options) {
        Object deadline = options.get("deadline");
        if (deadline == null) {
            return null;
        }
        try {
            return Instant.parse(String.valueOf(deadline));
        } catch (DateTimeException e) {
            throw ProblemException.invalid(
                    "/options/deadline",
                    "The deadline '%s' is not an instant such as 2026-12-31T23:59:59Z".formatted(deadline));
        }
    }

    @Override
    public Optional<Task> find(String taskId) {
        return gateway.read(tables ->
                tables.tasks().find(taskId).map(row -> view(tables, row, new Wait(gateway).reason(row))));
    }

    @Override
    public Page<Task> list(Query query) {
        Set<Phase> phases = phases(query);
        return gateway.read(tables -> {
            List<TaskRow> rows =
                    tables.tasks().list(new TaskFilter(phases, query.viberId(), query.cursor()), query.limit() + 1);
            boolean more = rows.size() > query.limit();
            List<TaskRow> page = more ? rows.subList(0, query.limit()) : rows;
            return new Page<>(
                    page.stream().map(row -> view(tables, row)).toList(),
                    more ? tables.tasks().cursor(page.getLast()) : null);
        });
    }

    private static @Nullable Set<Phase> phases(Query query) {
        if (query.status() == null && query.phase() == null) {
            return null;
        }
        EnumSet<Phase> phases = EnumSet.noneOf(Phase.class);
        for (Phase phase : Phase.values()) {
            boolean status = query.status() == null || phase.status().word().equals(query.status());
            if (status && (query.phase() == null || phase.word().equals(query.phase()))) {
                phases.add(phase);
            }
        }
        if (phases.isEmpty()) {
            throw ProblemException.invalid(
                    "/status",
                    "No task has status '%s' and phase '%s'; phases are %s"
                            .formatted(
                                    query.status(),
                                    query.phase(),
                                    Arrays.stream(Phase.values())
                                            .map(Phase::word)
                                            .toList()));
        }
        return phases;
    }

    @Override
    public Promise<Task> stop(String taskId) {
        return task(taskId, "stop", "", book -> book.stop(taskId));
    }

    @Override
    public Promise<Task> message(String taskId, TaskMessage message) {
        if (message.message().isBlank()) {
            throw ProblemException.invalid("/message", "The message is blank");
        }
        String content = message.mode().word() + " " + message.message();
        return task(taskId, "message", content, book -> book.message(taskId, message));
    }

    @Override
    public Promise<Task> retry(String taskId) {
        return task(taskId, "retry", "", book -> book.retry(taskId));
    }

    @Override
    public Promise<Task> revive(String taskId) {
        return task(taskId, "revive", "", book -> book.revive(taskId));
    }

    private Promise<Task> task(String taskId, String what, String content, Function<TaskBook, TaskRow> change) {
        return gateway.change((tables, effects) -> {
            TaskBook book = new TaskBook(tables, effects, Instant.now(), by);
            boolean done = Once.isDone(tables, key, taskId, what, content);
            return view(tables, done ? book.find(taskId) : change.apply(book));
        });
    }

    @Override
    public Promise<Approval> decide(String approvalId, Decision decision) {
        String content = decision.allow() + " " + decision.remember();
        return gateway.change((tables, effects) -> {
            TaskBook book = new TaskBook(tables, effects, Instant.now());
            ApprovalRow asked = book.question(approvalId);
            boolean done = Once.isDone(tables, key, asked.taskId(), "decide/" + approvalId, content);
            return view(done ? asked : book.decide(approvalId, decision));
        });
    }

    @Override
    public List<Approval> approvals(@Nullable String taskId) {
        return gateway.read(tables -> tables.approvals().list(taskId, APPROVALS_LISTED)).stream()
                .map(GatewayTaskDesk::view)
                .toList();
    }

    @Override
    public Promise<Integer> prune(@Nullable String taskId) {
        return gateway.change(
                (tables, effects) -> new TaskBook(tables, effects, Instant.now()).prune(taskId, PRUNED_AT_ONCE));
    }

    private static Approval view(ApprovalRow row) {
        return new Approval(
                row.id(),
                row.taskId(),
                row.tool(),
                Infos.object(row.arguments()),
                row.reason(),
                row.state(),
                row.decidedBy(),
                row.createdAt(),
                row.decidedAt());
    }

    private static Task view(Tables tables, TaskRow row) {
        return view(tables, row, null);
    }

    private static Task view(Tables tables, TaskRow row, @Nullable String waitsFor) {
        return new Task(
                row.id(),
                row.goal(),
                row.viberId(),
                row.phase().status().word(),
                row.phase().word(),
                row.attempt(),
                row.createdAt(),
                row.startedAt(),
                row.completedAt(),
                row.result() == null ? null : result(row.result()),
                row.error(),
                tables.artifacts().list(row.id()).stream()
                        .map(artifact -> Map.<String, Object>of(
                                "name", artifact.name(),
                                "type", artifact.type(),
                                "bytes", artifact.bytes(),
                                "sha256", artifact.sha256()))
                        .toList(),
                tables.values()
                        .get(Intake.usageKey(row.id()))
                        .map(Infos::object)
                        .orElse(null),
                tables.journal().lastSeq(TaskEdit.topic(row.id())),
                row.traceparent(),
                waitsFor);
    }

    // A third party's viber may send any JSON value as its result; what is no object is shown as the summary.
    private static Map<String, Object> result(String json) {
        return json.startsWith("{") ? Infos.object(json) : Infos.object("{\"summary\":" + json + ",\"outputs\":{}}");
    }
}
