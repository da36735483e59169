package dev.viber.agent;

import dev.viber.api.task.Budget;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a run has spent, counted on from its journal, and what it may. */
final class Spending {
    private final Budget budget;
    private final Instant since;
    private long steps;
    private long toolCalls;

    Spending(Budget budget, Instant since, long steps, long toolCalls) {
        this.budget = budget;
        this.since = since;
        this.steps = steps;
        this.toolCalls = toolCalls;
    }

    /** Spends a step; the limit that forbids it, or null. */
    synchronized @Nullable String step() {
        if (budget.steps() != null && steps >= budget.steps()) {
            return "steps";
        }
        steps++;
        return null;
    }

    /** Spends a call; the limit that forbids it, or null. */
    synchronized @Nullable String toolCall() {
        if (budget.toolCalls() != null && toolCalls >= budget.toolCalls()) {
            return "toolCalls";
        }
        toolCalls++;
        return null;
    }

    boolean isLimited() {
        return !budget.isNone();
    }

    /** When the time is spent; null for never. */
    @Nullable
    Instant end() {
        return budget.wall() == null ? null : since.plus(budget.wall());
    }

    /** As events and clients have it: {@code {"steps","toolCalls","seconds","budget"?}}. */
    synchronized Map<String, Object> shown() {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("steps", steps);
        shown.put("toolCalls", toolCalls);
        shown.put("seconds", Math.max(0, Duration.between(since, Instant.now()).toMillis()) / 1_000.0);
        if (isLimited()) {
            shown.put("budget", budget.shown());
        }
        return shown;
    }

    /** Why the task ends, for people. */
    String told(String limit, String what) {
        Map<String, Object> spent = shown();
        return "out of budget: %s; the limit of %s is %s, spent were %s steps, %s tool calls and %s s"
                .formatted(
                        what,
                        limit,
                        budget.shown().get(limit),
                        spent.get("steps"),
                        spent.get("toolCalls"),
                        spent.get("seconds"));
    }
}
