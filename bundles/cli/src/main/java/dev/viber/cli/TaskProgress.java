package dev.viber.cli;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Shows a task's events as they come, and knows how it ended. */
final class TaskProgress {
    private final Output output;
    private int exitCode = Exit.FAILED;
    private boolean ended;
    private boolean inText;

    TaskProgress(Output output) {
        this.output = output;
    }

    /** Whether the last event was there. */
    boolean isEnded() {
        return ended;
    }

    /** How the task ended, as an exit code. */
    int exitCode() {
        return exitCode;
    }

    /** Shows an event: {@code {"seq","kind","at",...}}. */
    void show(Map<String, Object> event) {
        if (output.json()) {
            output.object(event);
        }
        String kind = String.valueOf(event.get("kind"));
        switch (kind) {
            case "queued", "submitted" -> line("queued");
            case "dispatched" -> line("given to " + Objects.requireNonNullElse(event.get("viberId"), "a viber"));
            case "started" -> line("started");
            case "progress" -> {
                if (event.get("event") instanceof Map<?, ?> inner) {
                    progress(inner);
                }
            }
            case "approval", "waiting" -> waiting(event);
            case "artifact" -> {
                if (event.get("refused") != null) {
                    line("artifact %s was not taken: %s".formatted(event.get("name"), event.get("refused")));
                }
            }
            case "decided" ->
                line("%s by %s"
                        .formatted(Boolean.TRUE.equals(event.get("allow")) ? "allowed" : "denied", event.get("by")));
            case "stopping" -> line("stopping");
            case "retried" -> line("tried again");
            case "lagged" -> output.note("some events were forgotten before they were read");
            case "completed" -> completed(event);
            case "stopped" -> {
                end(Exit.STOPPED);
                output.note("the task was stopped");
            }
            case "error" -> failed(event);
            default -> {}
        }
    }

    private void progress(Map<?, ?> event) {
        switch (String.valueOf(event.get("kind"))) {
            case "plan" -> line("plan " + event.get("name") + ": " + plural(event.get("steps")));
            case "step" -> step(event);
            case "log" -> line("%-5s %s".formatted(event.get("level"), event.get("message")));
            case "artifact" ->
                line("artifact %s (%s, %s bytes)".formatted(event.get("name"), event.get("type"), event.get("bytes")));
            case "text" -> {
                if (!output.json()) {
                    output.out().print(event.get("delta"));
                    output.out().flush();
                    inText = true;
                }
            }
            default -> {}
        }
    }

    private void step(Map<?, ?> event) {
        StringBuilder text = new StringBuilder(mark(String.valueOf(event.get("state"))))
                .append(' ')
                .append(event.get("step"))
                .append(' ')
                .append(event.get("state"));
        if (event.get("attempt") instanceof Number attempt && attempt.intValue() > 1) {
            text.append(" (attempt ").append(attempt).append(')');
        }
        if (event.get("error") != null) {
            text.append(": ").append(event.get("error"));
        } else if (event.get("result") instanceof Map<?, ?> result && !result.isEmpty()) {
            text.append(": ").append(Output.brief(Json.write(result), 100));
        }
        if (event.get("resumeAt") != null) {
            text.append(", goes on at ").append(event.get("resumeAt"));
        }
        line(text.toString());
    }

    private static String mark(String state) {
        return switch (state) {
            case "completed" -> "✓";
            case "failed", "unknown" -> "✗";
            case "skipped" -> "-";
            case "started" -> "▸";
            default -> "…";
        };
    }

    private void waiting(Map<String, Object> event) {
        Object id = event.get("approvalId");
        line("waits for an answer: " + Objects.requireNonNullElse(event.get("reason"), "?")
                + (id == null ? "" : " (viber approvals allow|deny " + id + ")"));
    }

    private void completed(Map<String, Object> event) {
        end(Exit.DONE);
        Map<?, ?> result = event.get("result") instanceof Map<?, ?> map ? map : Map.of();
        Object summary = result.get("summary");
        line("completed" + (summary == null ? "" : ": " + Output.text(summary)));
        if (result.get("outputs") instanceof Map<?, ?> outputs) {
            outputs.forEach((name, value) -> line(name + ": " + Output.text(value)));
        }
    }

    private void failed(Map<String, Object> event) {
        Object error = event.get("error");
        if ("stopped".equals(error)) {
            end(Exit.STOPPED);
            output.note("the task was stopped");
            return;
        }
        int code = Boolean.TRUE.equals(event.get("dead")) ? Exit.OUT_OF_TIME : Exit.FAILED;
        end(event.get("budget") == null ? code : Exit.OUT_OF_BUDGET);
        output.note("the task failed: " + Output.text(error));
    }

    private void end(int code) {
        exitCode = code;
        ended = true;
    }

    private void line(String text) {
        if (inText && !output.json()) {
            output.line("");
            inText = false;
        }
        output.line(text);
    }

    private static String plural(@Nullable Object steps) {
        int count = steps instanceof List<?> list ? list.size() : 0;
        return count == 1 ? "1 step" : count + " steps";
    }
}
