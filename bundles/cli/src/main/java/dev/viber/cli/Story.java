package dev.viber.cli;

import dev.viber.api.task.Task;
import dev.viber.api.trace.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A task's whole story, folded from its events: who asked, who worked, what each step took, what came in between. Neither
 * arguments nor results of steps are kept here, as they may hold secrets; the events have them.
 */
final class Story {
    /** An attempt: a viber was given the task. */
    record Attempt(
            int attempt, @Nullable String viberId, @Nullable String why, Instant givenAt) {}

    /** One thing that happened. */
    record Moment(Instant at, long seq, String what) {}

    /** A question, and how it was answered; the answer's parts are null while it is open. */
    static final class Question {
        final String id;
        final @Nullable String tool;
        final String reason;
        final Instant askedAt;

        @Nullable
        Boolean allowed;

        @Nullable
        String by;

        Question(String id, @Nullable String tool, String reason, Instant askedAt) {
            this.id = id;
            this.tool = tool;
            this.reason = reason;
            this.askedAt = askedAt;
        }
    }

    private final Task task;
    private final StorySteps steps = new StorySteps();
    private final List<Attempt> attempts = new ArrayList<>();
    private final Map<String, Question> questions = new LinkedHashMap<>();
    private final List<Moment> moments = new ArrayList<>();
    private @Nullable String askedBy;
    private @Nullable Instant queuedAt;
    private double waited;
    private int restarts;
    private int reconnects;

    Story(Task task) {
        this.task = task;
    }

    Task task() {
        return task;
    }

    StorySteps steps() {
        return steps;
    }

    List<Attempt> attempts() {
        return attempts;
    }

    List<Question> questions() {
        return List.copyOf(questions.values());
    }

    List<Moment> moments() {
        return moments;
    }

    @Nullable
    String askedBy() {
        return askedBy;
    }

    /** How long it waited for a viber, over all attempts, in seconds. */
    double waited() {
        return waited;
    }

    @Nullable
    String traceId() {
        return TraceContext.parse(task.traceparent()).map(TraceContext::traceId).orElse(null);
    }

    /** From submission to end, or to now. */
    Duration age() {
        Instant end = task.completedAt();
        return Duration.between(task.createdAt(), end == null ? Instant.now() : end);
    }

    /** Takes the next event in, {@code {"seq","at","kind",...}}. */
    void add(Map<String, Object> event) {
        Instant at = Instant.parse(String.valueOf(event.get("at")));
        String kind = String.valueOf(event.get("kind"));
        String by = event.get("by") == null ? "" : " by " + event.get("by");
        switch (kind) {
            case "queued" -> {
                askedBy = text(event, "by");
                queuedAt = at;
                tell(at, event, "asked for" + by);
            }
            case "dispatched" -> dispatched(at, event);
            case "started" -> tell(at, event, "the viber began");
            case "progress" -> {
                if (event.get("event") instanceof Map<?, ?> inner) {
                    progress(at, event, inner);
                }
            }
            case "waiting" -> waiting(at, event);
            case "decided" -> decided(at, event, by);
            case "message" -> tell(at, event, "message%s: %s".formatted(by, event.get("message")));
            case "artifact" -> {
                if (event.get("refused") != null) {
                    tell(at, event, "artifact %s was not taken: %s".formatted(event.get("name"), event.get("refused")));
                }
            }
            case "reconnected" -> {
                reconnects++;
                tell(
                        at,
                        event,
                        "viber %s was away for %s s and is back".formatted(event.get("viberId"), event.get("seconds")));
            }
            case "stopping" -> tell(at, event, "told to stop" + by);
            case "retried" -> {
                queuedAt = at;
                tell(at, event, "to be tried again" + by);
            }
            case "late" -> tell(at, event, "a frame came too late and changed nothing");
            case "completed" -> tell(at, event, "completed");
            case "stopped" -> tell(at, event, "stopped" + by);
            case "error" ->
                tell(
                        at,
                        event,
                        (Boolean.TRUE.equals(event.get("dead")) ? "given up: " : "failed: ") + event.get("error"));
            default -> {
                // what a later gateway tells beside
            }
        }
    }

    private void dispatched(Instant at, Map<String, Object> event) {
        int attempt = event.get("attempt") instanceof Number number ? number.intValue() : attempts.size() + 1;
        attempts.add(new Attempt(attempt, text(event, "viberId"), text(event, "why"), at));
        Instant since = queuedAt;
        if (since != null) {
            waited += Duration.between(since, at).toMillis() / 1000.0;
        }
        steps.clear();
        String why = event.get("why") == null ? "" : ": " + event.get("why");
        tell(at, event, "given to viber %s (attempt %d)%s".formatted(event.get("viberId"), attempt, why));
    }

    private void progress(Instant at, Map<String, Object> event, Map<?, ?> inner) {
        switch (String.valueOf(inner.get("kind"))) {
            case "plan" -> {
                steps.plan(inner);
                tell(
                        at,
                        event,
                        "plan %s: %s"
                                .formatted(inner.get("name"), plural(steps.all().size(), "step")));
            }
            case "step" -> {
                String told = steps.changed(at, inner);
                if (told != null) {
                    tell(at, event, told);
                }
            }
            case "tool-call" -> steps.called(inner);
            case "resumed" -> {
                restarts++;
                Object open = inner.get("openCalls");
                String cut = open instanceof Number number && number.intValue() > 0
                        ? ", %s cut off".formatted(plural(number.intValue(), "call"))
                        : "";
                tell(at, event, "the viber was restarted and goes on%s".formatted(cut));
            }
            case "log" -> tell(at, event, "%s: %s".formatted(inner.get("level"), inner.get("message")));
            case "artifact" -> tell(at, event, "made artifact " + inner.get("name"));
            default -> {
                // deltas, outputs and figures are for those who follow
            }
        }
    }

    private void waiting(Instant at, Map<String, Object> event) {
        String id = String.valueOf(event.get("approvalId"));
        String reason = String.valueOf(event.get("reason"));
        questions.put(id, new Question(id, text(event, "tool"), reason, at));
        tell(at, event, "asks: " + reason);
    }

    private void decided(Instant at, Map<String, Object> event, String by) {
        Question question = questions.get(String.valueOf(event.get("approvalId")));
        boolean allowed = Boolean.TRUE.equals(event.get("allow"));
        String after = "";
        if (question != null) {
            question.allowed = allowed;
            question.by = text(event, "by");
            after = " after " + Spans.text(Duration.between(question.askedAt, at));
        }
        tell(at, event, (allowed ? "allowed" : "denied") + by + after);
    }

    private void tell(Instant at, Map<String, Object> event, String what) {
        long seq = event.get("seq") instanceof Number number ? number.longValue() : 0;
        moments.add(new Moment(at, seq, what));
    }

    private static @Nullable String text(Map<String, Object> event, String name) {
        return event.get(name) == null ? null : String.valueOf(event.get(name));
    }

    static String plural(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    /** What to do next: commands, the most useful one first. */
    List<String> next() {
        String id = task.id();
        List<String> next = new ArrayList<>();
        switch (task.phase()) {
            case "queued" -> {
                next.add(Hint.command("vibers", "list"));
                next.add(Hint.command("task", "stop", id));
            }
            case "waiting" ->
                questions.values().stream()
                        .filter(question -> question.allowed == null)
                        .forEach(question -> {
                            next.add(Hint.command("approvals", "allow", question.id));
                            next.add(Hint.command("approvals", "deny", question.id));
                        });
            case "completed" ->
                task.artifacts().stream()
                        .limit(3)
                        .forEach(artifact -> next.add(
                                Hint.command("task", "artifacts", id, "--get", String.valueOf(artifact.get("name")))));
            case "dead" -> {
                next.add(Hint.command("task", "dead", "retry", id));
                next.add(Hint.command("task", "dead", "prune", id));
            }
            case "error", "stopped" -> next.add(Hint.command("task", "retry", id));
            default -> {
                next.add(Hint.command("task", "follow", id));
                next.add(Hint.command("task", "stop", id));
            }
        }
        if (next.isEmpty()) {
            next.add(Hint.command("task", "events", id));
        }
        return next;
    }

    /** The story as data, for scripts. */
    Map<String, Object> data() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("askedBy", askedBy);
        data.put("traceId", traceId());
        data.put("waitedSeconds", Math.round(waited * 1000) / 1000.0);
        data.put("seconds", age().toMillis() / 1000.0);
        data.put("restarts", restarts);
        data.put("reconnects", reconnects);
        data.put("attempts", attempts);
        data.put("plan", steps.name());
        data.put("steps", steps.data());
        data.put("approvals", questions.values().stream().map(Story::data).toList());
        data.put("moments", moments);
        data.put("next", next());
        return data;
    }

    private static Map<String, Object> data(Question question) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("id", question.id);
        data.put("tool", question.tool);
        data.put("reason", question.reason);
        data.put("askedAt", question.askedAt);
        data.put("allowed", question.allowed);
        data.put("by", question.by);
        return data;
    }
}
