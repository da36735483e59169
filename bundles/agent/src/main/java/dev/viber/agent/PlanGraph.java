package dev.viber.agent;

import dev.viber.api.task.Plan;
import dev.viber.api.task.Plan.OnError;
import dev.viber.api.task.Plan.Step;
import dev.viber.api.task.StreamEvent.StepChanged;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The steps of a plan and which of them have ended; begins each one when all it needs have. */
final class PlanGraph {
    private final Plan plan;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, StepOutcome> ended = new LinkedHashMap<>();
    private final Set<String> begun = new HashSet<>();
    private final CompletableFuture<Boolean> done = new CompletableFuture<>();

    PlanGraph(Plan plan, RunPast past) {
        this.plan = plan;
        for (Step step : plan.steps()) {
            StepChanged end = past.unit(step.id()).end;
            if (end != null) {
                begun.add(step.id());
                ended.put(step.id(), StepOutcome.of(end));
            }
        }
    }

    Plan plan() {
        return plan;
    }

    /** Runs what is left of the plan; returns when all of it has ended, and throws when the run is cut. */
    void run(Run run, RunThreads threads) throws InterruptedException {
        for (String unit : run.past().failed()) {
            for (Step step : plan.steps()) {
                StepOutcome outcome = ended.get(step.id());
                if (step.id().equals(unit) && outcome != null && step.onError() != OnError.CONTINUE) {
                    threads.cut(RunThreads.Cut.FAIL, failure(step, outcome));
                    throw new InterruptedException();
                }
            }
        }
        beginReady(run, threads);
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a plan's end is never an exception", e);
        }
    }

    private void beginReady(Run run, RunThreads threads) {
        List<Step> ready = new ArrayList<>();
        boolean all;
        lock.lock();
        try {
            for (Step step : plan.steps()) {
                if (ended.keySet().containsAll(step.needs()) && begun.add(step.id())) {
                    ready.add(step);
                }
            }
            all = ended.size() == plan.steps().size();
        } finally {
            lock.unlock();
        }
        for (Step step : ready) {
            threads.spawn(step.id(), () -> {
                StepOutcome outcome = new StepWork(run, step).work();
                lock.lock();
                try {
                    ended.put(step.id(), outcome);
                } finally {
                    lock.unlock();
                }
                if (outcome.isFailed() && step.onError() != OnError.CONTINUE) {
                    threads.cut(RunThreads.Cut.FAIL, failure(step, outcome));
                } else {
                    beginReady(run, threads);
                }
            });
        }
        if (all) {
            done.complete(true);
        }
    }

    private static String failure(Step step, StepOutcome outcome) {
        return "step %s (%s): %s".formatted(step.id(), step.tool(), outcome.error());
    }

    Map<String, @Nullable Object> scope(String taskId, String goal, List<Map<String, Object>> messages) {
        Map<String, @Nullable Object> steps = new LinkedHashMap<>();
        lock.lock();
        try {
            ended.forEach((id, outcome) -> steps.put(id, outcome.shown()));
        } finally {
            lock.unlock();
        }
        Map<String, @Nullable Object> scope = new LinkedHashMap<>();
        scope.put("inputs", plan.inputs());
        scope.put("steps", steps);
        scope.put("task", Map.of("id", taskId, "goal", goal));
        scope.put("messages", messages);
        return scope;
    }

    /** How it went, in one line. */
    String summary() {
        lock.lock();
        try {
            StringBuilder text = new StringBuilder(plan.name()).append(": ");
            long completed = count(StepLifecycle.State.COMPLETED);
            text.append(completed).append(completed == 1 ? " step completed" : " steps completed");
            long skipped = count(StepLifecycle.State.SKIPPED);
            if (skipped > 0) {
                text.append(", ").append(skipped).append(" skipped");
            }
            long failed = count(StepLifecycle.State.FAILED);
            if (failed > 0) {
                text.append(", ").append(failed).append(" failed");
            }
            return text.toString();
        } finally {
            lock.unlock();
        }
    }

    private long count(StepLifecycle.State state) {
        return ended.values().stream()
                .filter(outcome -> outcome.state() == state)
                .count();
    }
}
