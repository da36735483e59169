package dev.viber.agent;

import dev.viber.api.task.StreamEvent.StepChanged;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a step, or one round of a forEach, ended. */
record StepOutcome(
        StepLifecycle.State state,
        @Nullable Map<String, Object> result,
        @Nullable String error) {
    static StepOutcome of(StepChanged end) {
        return new StepOutcome(StepLifecycle.State.of(end.state()), end.result(), end.error());
    }

    boolean isFailed() {
        return state == StepLifecycle.State.FAILED;
    }

    /** As expressions see it. */
    Map<String, @Nullable Object> shown() {
        Map<String, @Nullable Object> shown = new HashMap<>();
        shown.put("state", state.word());
        shown.put("result", result);
        shown.put("error", error);
        return shown;
    }
}
