package dev.viber.api.task;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Something that happens while a task runs; travels inside {@code task:progress} as a JSON object whose {@code kind} says
 * which of these it is.
 *
 * <pre>{@code {"kind":"step","step":"find","state":"completed","attempt":1,"result":{"count":3}}}</pre>
 */
public sealed interface StreamEvent {
    /** The word that tells the kinds apart on the wire. */
    String kind();

    /**
     * The whole plan, or a change of it.
     *
     * <pre>{@code {"kind":"plan","name":"count-todos","steps":[{"id":"find","tool":"search.text","needs":[]}]}}</pre>
     */
    record PlanMade(String name, List<PlannedStep> steps) implements StreamEvent {
        /** One step of the plan as shown. */
        public record PlannedStep(String id, String tool, List<String> needs) {}

        @Override
        public String kind() {
            return "plan";
        }
    }

    /**
     * A step changed its state.
     *
     * @param step the step's id; {@code find[3]} for one round of a forEach
     * @param state {@code started|completed|failed|skipped|retrying|waiting|unknown}
     * @param attempt from 1
     * @param result of a completed step
     * @param error of a failed one
     * @param resumeAt for {@code waiting} timers and {@code retrying}: when it goes on, ISO 8601
     */
    record StepChanged(
            String step,
            String state,
            int attempt,
            @Nullable Map<String, Object> result,
            @Nullable String error,
            @Nullable String resumeAt)
            implements StreamEvent {
        @Override
        public String kind() {
            return "step";
        }
    }

    /**
     * The viber goes on with a task it had begun before: it, or the part of it that works, was started anew.
     *
     * <pre>{@code {"kind":"resumed","steps":2,"openCalls":1}}</pre>
     *
     * @param steps how many steps were begun before
     * @param openCalls how many calls of tools were cut off without an answer
     */
    record Resumed(long steps, long openCalls) implements StreamEvent {
        @Override
        public String kind() {
            return "resumed";
        }
    }

    /** A piece of text: {@code {"kind":"text","delta":"Hel"}}. */
    record Text(String delta) implements StreamEvent {
        @Override
        public String kind() {
            return "text";
        }
    }

    /** A piece of a model's reasoning: {@code {"kind":"reasoning","delta":"First"}}. */
    record Reasoning(String delta) implements StreamEvent {
        @Override
        public String kind() {
            return "reasoning";
        }
    }

    /**
     * A tool is about to be called.
     *
     * @param idempotent as the tool declared for this very call
     * @param traceparent the span the call is, a child of the task's; null where the task belongs to no trace
     */
    record ToolCalled(
            String callId,
            String step,
            String tool,
            Map<String, Object> arguments,
            boolean idempotent,
            @Nullable String traceparent)
            implements StreamEvent {
        @Override
        public String kind() {
            return "tool-call";
        }
    }

    /** A tool tells of its progress: {@code {"kind":"tool-output","callId":"c1","output":{"read":65536}}}. */
    record ToolOutput(String callId, Map<String, Object> output) implements StreamEvent {
        @Override
        public String kind() {
            return "tool-output";
        }
    }

    /** A tool answered, with a result or an error. */
    record ToolAnswered(
            String callId,
            @Nullable Map<String, Object> result,
            @Nullable String error) implements StreamEvent {
        @Override
        public String kind() {
            return "tool-result";
        }
    }

    /** A named output was stored: {@code {"kind":"artifact","name":"todos.txt","type":"text/plain","bytes":6,...}}. */
    record ArtifactMade(String name, String type, long bytes, String sha256) implements StreamEvent {
        @Override
        public String kind() {
            return "artifact";
        }
    }

    /** What was used: {@code {"kind":"usage","values":{"toolCalls":3}}}. */
    record Usage(Map<String, Object> values) implements StreamEvent {
        @Override
        public String kind() {
            return "usage";
        }
    }

    /** A line for people: {@code {"kind":"log","level":"info","message":"3 left"}}. */
    record Log(String level, String message) implements StreamEvent {
        @Override
        public String kind() {
            return "log";
        }
    }
}
