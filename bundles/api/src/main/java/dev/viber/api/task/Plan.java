package dev.viber.api.task;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A graph of steps; a step begins when all it needs have ended.
 *
 * @param name of the plan, for people
 * @param inputs the values the expressions see as {@code inputs}, defaults filled in
 * @param steps in the order written; ids are unique, and what they need exists and has no cycle
 * @param outputs templates evaluated at the end, see {@link Expressions}
 */
public record Plan(String name, Map<String, Object> inputs, List<Step> steps, Map<String, Object> outputs) {
    /**
     * One call of a tool.
     *
     * @param id {@code [A-Za-z_][A-Za-z0-9_]*}, so that expressions can name it
     * @param tool a tool's name, or a built-in step: {@code wait}, {@code log}, {@code artifact}
     * @param with argument templates
     * @param needs ids of the steps that must have ended first
     * @param condition template; where it comes out false the step is skipped. Null for always
     * @param forEach template of a list; the step is done once for each, which expressions see as {@code item} and
     *     {@code index}. Null for once
     * @param retry how often and how patiently a failed call is tried again
     * @param timeout of one call; null for the agent's own
     * @param onError what a failure does to the task
     * @param ask what a person is asked before each call of it; null where none is
     */
    public record Step(
            String id,
            String tool,
            Map<String, Object> with,
            Set<String> needs,
            @Nullable String condition,
            @Nullable String forEach,
            Retry retry,
            @Nullable Duration timeout,
            OnError onError,
            @Nullable String ask) {}

    /**
     * How a failed call is tried again.
     *
     * @param times tries beyond the first; 0 to 100
     * @param backoff before the first of them, doubled before each further one, at most 5 minutes
     */
    public record Retry(int times, Duration backoff) {
        /** Never. */
        public static final Retry NONE = new Retry(0, Duration.ofSeconds(1));
    }

    /** What a failed step does to its task. */
    public enum OnError {
        /** The task fails. */
        FAIL,
        /** The task goes on; the step's {@code error} can be seen by expressions. */
        CONTINUE,
        /** A person is asked whether to try again. */
        ASK;

        /** The word used in playbooks. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
