package dev.viber.agent;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.task.Plan.OnError;
import dev.viber.api.task.Plan.Step;
import dev.viber.api.task.StreamEvent.StepChanged;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The work of one step of the plan: its condition, and one call or the rounds of its forEach. */
final class StepWork {
    private static final int MAX_ROUNDS = 10_000;

    private final Run run;
    private final Step step;
    private final RunPast.Unit past;

    StepWork(Run run, Step step) {
        this.run = run;
        this.step = step;
        past = run.past().unit(step.id());
    }

    /** Does what is left of the step and tells how it ended; all of it is journaled. */
    StepOutcome work() throws InterruptedException {
        Map<String, @Nullable Object> scope = run.scope();
        try {
            if (past.state == StepLifecycle.State.PENDING
                    && step.condition() != null
                    && !run.isTrue(step.condition(), scope)) {
                return end(StepLifecycle.Trigger.SKIP, null, null);
            }
            if (step.forEach() == null) {
                return new UnitWork(run, step, step.id(), scope).work();
            }
            Object items = run.evaluate(step.forEach(), scope);
            if (!(items instanceof List<?> list)) {
                return end(
                        StepLifecycle.Trigger.FAIL,
                        null,
                        "forEach: wanted a list, it came out as " + Json.write(items));
            }
            if (list.size() > MAX_ROUNDS) {
                return end(
                        StepLifecycle.Trigger.FAIL,
                        null,
                        "forEach: wanted at most %d items, there are %d".formatted(MAX_ROUNDS, list.size()));
            }
            return rounds(list, scope);
        } catch (ProblemException e) {
            return end(StepLifecycle.Trigger.FAIL, null, e.getMessage());
        }
    }

    private StepOutcome rounds(List<?> items, Map<String, @Nullable Object> scope) throws InterruptedException {
        if (past.state == StepLifecycle.State.PENDING) {
            run.journal().append(change(StepLifecycle.State.PENDING, StepLifecycle.Trigger.START, null, null));
        }
        List<@Nullable StepOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            StepChanged end = run.past().unit(round(i)).end;
            outcomes.add(end == null ? null : StepOutcome.of(end));
        }
        AtomicInteger left = new AtomicInteger(
                (int) outcomes.stream().filter(outcome -> outcome == null).count());
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        boolean goOn = step.onError() == OnError.CONTINUE;
        if (left.get() > 0 && (goOn || outcomes.stream().noneMatch(o -> o != null && o.isFailed()))) {
            for (int i = 0; i < items.size(); i++) {
                if (outcomes.get(i) == null) {
                    Map<String, @Nullable Object> inner = new LinkedHashMap<>(scope);
                    inner.put("item", items.get(i));
                    inner.put("index", (long) i);
                    int index = i;
                    run.spawn(round(i), () -> {
                        StepOutcome outcome = new UnitWork(run, step, round(index), inner).work();
                        synchronized (outcomes) {
                            outcomes.set(index, outcome);
                        }
                        boolean last = left.decrementAndGet() == 0;
                        if ((last || (outcome.isFailed() && !goOn)) && !done.isDone()) {
                            synchronized (done) {
                                if (!done.isDone()) {
                                    run.unparkOther();
                                    done.complete(true);
                                }
                            }
                        }
                    });
                }
            }
            run.park(); // behind the rounds, lest the run looks idle for an instant
            await(done);
        }
        synchronized (outcomes) {
            return gather(outcomes, goOn);
        }
    }

    private StepOutcome gather(List<@Nullable StepOutcome> outcomes, boolean goOn) {
        List<@Nullable Object> results = new ArrayList<>();
        String firstError = null;
        int failed = 0;
        for (int i = 0; i < outcomes.size(); i++) {
            StepOutcome outcome = outcomes.get(i);
            if (outcome != null && outcome.isFailed()) {
                failed++;
                firstError = firstError == null ? round(i) + ": " + outcome.error() : firstError;
                results.add(Map.of("error", outcome.error() == null ? "failed" : outcome.error()));
            } else {
                results.add(outcome == null ? null : outcome.result());
            }
        }
        if (failed > 0 && !goOn) {
            return end(StepLifecycle.Trigger.FAIL, null, firstError);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("items", results);
        result.put("count", (long) results.size());
        int bytes = Json.write(result).getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Json.MAX_VALUE_BYTES) {
            return end(
                    StepLifecycle.Trigger.FAIL,
                    null,
                    "the results of all rounds take %d bytes: wanted at most %d"
                            .formatted(bytes, Json.MAX_VALUE_BYTES));
        }
        return failed == 0
                ? end(StepLifecycle.Trigger.COMPLETE, result, null)
                : end(
                        StepLifecycle.Trigger.FAIL,
                        result,
                        "%d of %d rounds failed; %s".formatted(failed, outcomes.size(), firstError));
    }

    private static void await(CompletableFuture<Boolean> done) throws InterruptedException {
        try {
            done.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("rounds never end with an exception", e);
        }
    }

    private String round(int index) {
        return step.id() + "[" + index + "]";
    }

    private StepOutcome end(
            StepLifecycle.Trigger trigger, @Nullable Map<String, Object> result, @Nullable String error) {
        StepLifecycle.State from = step.forEach() != null && trigger != StepLifecycle.Trigger.SKIP
                ? StepLifecycle.State.STARTED
                : past.state;
        StepChanged change = change(from, trigger, result, error);
        run.journal().append(change);
        return StepOutcome.of(change);
    }

    private StepChanged change(
            StepLifecycle.State from,
            StepLifecycle.Trigger trigger,
            @Nullable Map<String, Object> result,
            @Nullable String error) {
        StepLifecycle.State to = StepLifecycle.TABLE.next(step.id(), from, trigger, List.of());
        return new StepChanged(step.id(), to.word(), 1, result, error, null);
    }
}
