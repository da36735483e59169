package dev.viber.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The steps of the present attempt; the rounds of a forEach count into their step. */
final class StorySteps {
    /** One step. */
    static final class Step {
        final String id;
        final @Nullable String tool;
        String state = "pending";
        int calls;
        int retries;
        int rounds;
        int failedRounds;

        @Nullable
        Instant startedAt;

        @Nullable
        Instant endedAt;

        @Nullable
        String error;

        Step(String id, @Nullable String tool) {
            this.id = id;
            this.tool = tool;
        }

        /** How long it took or has taken; null before it began. */
        @Nullable
        Duration took() {
            Instant began = startedAt;
            if (began == null) {
                return null;
            }
            Instant end = endedAt;
            return Duration.between(began, end == null ? Instant.now() : end);
        }
    }

    private final Map<String, Step> steps = new LinkedHashMap<>();
    private @Nullable String name;

    /** Another attempt begins with nothing. */
    void clear() {
        steps.clear();
        name = null;
    }

    @Nullable
    String name() {
        return name;
    }

    List<Step> all() {
        return List.copyOf(steps.values());
    }

    /** The plan is made. */
    void plan(Map<?, ?> plan) {
        name = plan.get("name") == null ? null : String.valueOf(plan.get("name"));
        if (plan.get("steps") instanceof List<?> planned) {
            for (Object each : planned) {
                if (each instanceof Map<?, ?> step && step.get("id") != null) {
                    String id = String.valueOf(step.get("id"));
                    steps.put(id, new Step(id, step.get("tool") == null ? null : String.valueOf(step.get("tool"))));
                }
            }
        }
    }

    /** A tool is called. */
    void called(Map<?, ?> call) {
        of(String.valueOf(call.get("step"))).calls++;
    }

    /** A step changed; what is worth telling of it beyond the table of steps, or null. */
    @Nullable
    String changed(Instant at, Map<?, ?> change) {
        String key = String.valueOf(change.get("step"));
        String state = String.valueOf(change.get("state"));
        String error = change.get("error") == null ? null : String.valueOf(change.get("error"));
        Step step = of(key);
        if (step.startedAt == null) {
            step.startedAt = at;
        }
        boolean round = !key.equals(step.id);
        if (round) {
            if (state.equals("completed") || state.equals("failed")) {
                step.rounds++;
                step.failedRounds += state.equals("failed") ? 1 : 0;
                step.endedAt = at;
            }
        } else {
            step.state = state;
            step.endedAt = List.of("completed", "failed", "skipped").contains(state) ? at : null;
        }
        if (error != null) {
            step.error = error;
        }
        return switch (state) {
            case "retrying" -> {
                step.retries++;
                yield "step %s failed and is tried again: %s".formatted(key, error);
            }
            case "failed" -> "step %s failed: %s".formatted(key, error);
            case "unknown" -> "step %s: %s".formatted(key, error);
            case "waiting" -> {
                Object until = change.get("resumeAt");
                yield until == null ? null : "step %s waits until %s".formatted(key, until);
            }
            default -> null;
        };
    }

    private Step of(String key) {
        int bracket = key.indexOf('[');
        String id = bracket > 0 ? key.substring(0, bracket) : key;
        return steps.computeIfAbsent(id, made -> new Step(made, null));
    }

    /** The steps as data, for scripts. */
    List<Map<String, Object>> data() {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Step step : steps.values()) {
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("step", step.id);
            data.put("tool", step.tool);
            data.put("state", step.state);
            data.put("calls", step.calls);
            data.put("retries", step.retries);
            if (step.rounds > 0) {
                data.put("rounds", step.rounds);
                data.put("failedRounds", step.failedRounds);
            }
            data.put("startedAt", step.startedAt);
            data.put("endedAt", step.endedAt);
            Duration took = step.took();
            data.put("seconds", took == null ? null : took.toMillis() / 1000.0);
            data.put("error", step.error);
            all.add(data);
        }
        return all;
    }
}
