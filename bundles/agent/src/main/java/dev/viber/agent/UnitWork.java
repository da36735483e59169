package dev.viber.agent;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.task.Plan.OnError;
import dev.viber.api.task.Plan.Step;
import dev.viber.api.task.StreamEvent;
import dev.viber.api.task.StreamEvent.StepChanged;
import dev.viber.api.task.StreamEvent.ToolAnswered;
import dev.viber.api.task.StreamEvent.ToolCalled;
import dev.viber.api.tool.Tool;
import dev.viber.api.tool.Touches;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/** The work of a step without forEach, or of one round: a call, tried again as far as allowed, questions included. */
final class UnitWork {
    private static final Duration MAX_BACKOFF = Duration.ofMinutes(5);

    private final Run run;
    private final Parts parts;
    private final RunJournal journal;
    private final Step step;
    private final String key;
    private final Map<String, @Nullable Object> scope;
    private final RunPast.Unit past;
    private final List<String> history = new ArrayList<>();
    private StepLifecycle.State state;
    private int starts;
    private int asks;
    private int retries;

    UnitWork(Run run, Step step, String key, Map<String, @Nullable Object> scope) {
        this.run = run;
        this.parts = run.parts();
        this.journal = run.journal();
        this.step = step;
        this.key = key;
        this.scope = scope;
        past = run.past().unit(key);
        state = past.state;
        starts = past.starts;
        asks = past.asks;
        retries = past.retries;
    }

    StepOutcome work() throws InterruptedException {
        if (past.state == StepLifecycle.State.PENDING) {
            run.spend(run.spending().step(), "step %s was to begin".formatted(key));
        }
        StepOutcome ended = takeUp();
        while (ended == null) {
            try {
                ended = once();
            } catch (CallFailure failure) {
                ended = afterFailure(failure);
            }
        }
        return ended;
    }

    /** Goes on from where the journal says it stood; null where a call is to be made now. */
    private @Nullable StepOutcome takeUp() throws InterruptedException {
        boolean asked = past.state == StepLifecycle.State.UNKNOWN
                || (past.state == StepLifecycle.State.WAITING && !past.hasTimer());
        if (asked) {
            return settle(run.answer(question()));
        }
        if (past.openCall != null && !past.openCall.idempotent()) {
            return unknown(past.openCall);
        }
        if (past.state == StepLifecycle.State.RETRYING && past.resumeAt != null) {
            run.waitUntil(past.resumeAt);
        }
        return null;
    }

    private @Nullable StepOutcome unknown(ToolCalled call) throws InterruptedException {
        String reason =
                "outcome unknown: step %s called %s and was cut off before it answered".formatted(key, call.tool());
        String about = "unknown outcome " + call.tool();
        Policy.UnknownOutcome policy = parts.wishes().policy.unknownOutcome();
        Optional<Boolean> remembered =
                policy == Policy.UnknownOutcome.ASK ? run.questions().remembered(about) : Optional.empty();
        if (remembered.isPresent()) {
            policy = remembered.get() ? Policy.UnknownOutcome.RETRY : Policy.UnknownOutcome.FAIL;
        }
        return switch (policy) {
            case RETRY -> {
                journal.append(new StreamEvent.Log("warn", reason + "; called again by policy"));
                yield null;
            }
            case FAIL -> fail(reason, null);
            case ASK -> {
                asks++;
                retries = 0;
                StepChanged lost = change(StepLifecycle.Trigger.LOSE, null, reason, null);
                yield settle(run.ask(question(), call.tool(), call.arguments(), reason, about, List.of(lost)));
            }
        };
    }

    /** Null where a person allowed to go on. */
    private @Nullable StepOutcome settle(ApprovalRow answer) throws InterruptedException {
        if (RunRecord.FAILED_BY_TIMEOUT.equals(answer.decidedBy())) {
            throw run.failWhole("step %s: nobody answered in time: %s".formatted(key, answer.reason()));
        }
        return answer.state().equals("allowed")
                ? null
                : fail("%s; %s by %s".formatted(why(answer), answer.state(), answer.decidedBy()), null);
    }

    // Whoever reads the failure of a step knows which step it is.
    private String why(ApprovalRow answer) {
        String prefix = failed("");
        return answer.reason().startsWith(prefix) ? answer.reason().substring(prefix.length()) : answer.reason();
    }

    private String failed(String why) {
        return "step %s failed: %s".formatted(key, why);
    }

    private @Nullable StepOutcome afterFailure(CallFailure failure) throws InterruptedException {
        List<StreamEvent> events = new ArrayList<>();
        if (failure.callId() != null) {
            events.add(new ToolAnswered(failure.callId(), null, failure.text()));
        }
        boolean happened = failure.callId() != null || failure.getCause() instanceof IOException;
        if (happened && retries < step.retry().times()) {
            Instant resumeAt = Instant.now().plus(backoff()).truncatedTo(ChronoUnit.MILLIS);
            retries++;
            events.add(change(StepLifecycle.Trigger.RETRY, null, failure.text(), resumeAt));
            journal.append(events.toArray(StreamEvent[]::new));
            run.waitUntil(resumeAt);
            return null;
        }
        if (step.onError() == OnError.ASK) {
            asks++;
            retries = 0;
            events.add(change(StepLifecycle.Trigger.WAIT, null, failure.text(), null));
            return settle(run.ask(question(), step.tool(), failure.arguments(), failed(failure.text()), null, events));
        }
        return fail(failure.text(), failure.callId());
    }

    private Duration backoff() {
        Duration wanted = step.retry().backoff().multipliedBy(1L << Math.min(retries, 20));
        return wanted.compareTo(MAX_BACKOFF) > 0 ? MAX_BACKOFF : wanted;
    }

    private @Nullable StepOutcome once() throws CallFailure, InterruptedException {
        if (step.tool().equals("wait") && past.hasTimer()) {
            return timer(Map.of());
        }
        boolean builtIn = List.of("wait", "log", "artifact").contains(step.tool());
        if (!builtIn) {
            lookFor(step.tool());
        }
        Map<String, Object> arguments = ready(builtIn);
        // Before anything is taken: a person may be long in answering.
        StepOutcome refused = consent(builtIn, arguments);
        if (refused != null) {
            return refused;
        }
        if (step.tool().equals("wait")) {
            return timer(arguments);
        }
        run.permits().acquire();
        try {
            parts.traffic().enter();
            try {
                return switch (step.tool()) {
                    case "log" -> log(arguments);
                    case "artifact" -> artifact(arguments);
                    default -> parts.tools().call(step.tool(), tool -> call(tool, arguments));
                };
            } catch (CallFailure | InterruptedException | LeftException e) {
                throw e;
            } catch (Exception e) {
                throw new CallFailure(message(e), null, Map.of(), e);
            } finally {
                parts.traffic().leave();
            }
        } finally {
            run.permits().release();
        }
    }

    /** The arguments as the tool wants them. */
    private Map<String, Object> ready(boolean builtIn) throws CallFailure, InterruptedException {
        try {
            Map<String, Object> arguments = arguments();
            return builtIn
                    ? arguments
                    : parts.tools().call(step.tool(), tool -> parts.arguments().fit(tool.info(), arguments));
        } catch (InterruptedException | LeftException e) {
            throw e;
        } catch (Exception e) {
            throw new CallFailure(message(e), null, Map.of(), e);
        }
    }

    private Touches touches(boolean builtIn, Map<String, Object> arguments) throws CallFailure, InterruptedException {
        if (builtIn) {
            boolean reads = step.tool().equals("artifact") && arguments.get("path") != null;
            return reads ? BuiltIns.ARTIFACT : Touches.NOTHING;
        }
        try {
            return parts.tools().call(step.tool(), tool -> tool.info().touches());
        } catch (InterruptedException | LeftException e) {
            throw e;
        } catch (Exception e) {
            throw new CallFailure(message(e), null, Map.of(), e);
        }
    }

    /** How the step ended where the call may not be made; null where it may. */
    private @Nullable StepOutcome consent(boolean builtIn, Map<String, Object> arguments)
            throws CallFailure, InterruptedException {
        String tool = step.tool();
        Policy.Verdict verdict =
                parts.wishes().policy.judge(tool, touches(builtIn, arguments), arguments, parts.workspace());
        if (verdict.effect() == Effect.DENY) {
            throw new CallFailure(
                    "the policy denies this call of %s: %s".formatted(tool, verdict.reason()), null, arguments, null);
        }
        if (verdict.effect() == Effect.ALLOW) {
            if (step.ask() == null) {
                return null;
            }
            verdict = new Policy.Verdict(Effect.ASK, step.ask(), "step %s %s".formatted(step.id(), tool));
        }
        Optional<Boolean> remembered = run.questions().remembered(verdict.key());
        if (remembered.isPresent()) {
            return remembered.get() ? null : fail("%s; denied, as was remembered".formatted(verdict.reason()), null);
        }
        List<String> asked =
                IntStream.rangeClosed(1, asks).mapToObj(this::question).toList();
        if (run.questions().isAllowed(asked, tool, Json.write(arguments))) {
            return null;
        }
        asks++;
        retries = 0;
        StepChanged waits = change(StepLifecycle.Trigger.WAIT, null, null, null);
        return settle(run.ask(question(), tool, arguments, verdict.reason(), verdict.key(), List.of(waits)));
    }

    private void lookFor(String name) throws CallFailure, InterruptedException {
        if (parts.wishes().disabledTools.contains(name)) {
            throw new CallFailure("tool %s is disabled by configuration".formatted(name), null, Map.of(), null);
        }
        if (parts.tools().find(name::equals, tool -> true, run.isRecovered()).isEmpty()) {
            throw new CallFailure(
                    "there is no tool %s; there are %s"
                            .formatted(name, String.join(", ", parts.tools().names())),
                    null,
                    Map.of(),
                    null);
        }
    }

    private Map<String, Object> arguments() throws InterruptedException {
        Map<String, Object> arguments = new LinkedHashMap<>();
        if (run.evaluate(step.with(), scope) instanceof Map<?, ?> evaluated) {
            arguments.putAll(Json.object(Json.write(evaluated)));
        }
        bounded("arguments", arguments);
        return arguments;
    }

    private static String bounded(String what, @Nullable Object value) {
        String text = Json.write(value);
        int bytes = text.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Json.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException(
                    "%s of %d bytes: wanted at most %d".formatted(what, bytes, Json.MAX_VALUE_BYTES));
        }
        return text;
    }

    private StepOutcome call(Tool tool, Map<String, Object> given) throws CallFailure, InterruptedException {
        run.spend(
                run.spending().toolCall(),
                "step %s was to call %s".formatted(key, tool.info().name()));
        Map<String, Object> arguments = parts.arguments().fit(tool.info(), given);
        boolean idempotent = tool.isIdempotent(arguments);
        String callId = key + "." + (starts + 1);
        @Nullable String span = run.childSpan();
        Promise<Boolean> begun = journal.append(
                new ToolCalled(callId, key, step.tool(), arguments, idempotent, span),
                change(StepLifecycle.Trigger.START, null, null, null));
        if (!idempotent) {
            journal.await(begun);
        }
        ToolCall call = new ToolCall(journal, run, key, callId, span, tool.info());
        Map<String, Object> result;
        try {
            Duration timeout = step.timeout() == null ? parts.callTimeout() : step.timeout();
            result = Json.object(bounded("result", call.make(tool, arguments, timeout)));
        } catch (InterruptedException e) {
            journal.append(
                    new ToolAnswered(callId, null, "cancelled"),
                    change(StepLifecycle.Trigger.FAIL, null, "cancelled", null));
            throw e;
        } catch (LeftException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new CallFailure(message(e), callId, arguments, e);
        }
        return run.spending().isLimited()
                ? complete(
                        result,
                        new ToolAnswered(callId, result, null),
                        new StreamEvent.Usage(run.spending().shown()))
                : complete(result, new ToolAnswered(callId, result, null));
    }

    private StepOutcome timer(Map<String, Object> arguments) throws CallFailure, InterruptedException {
        Instant resumeAt = past.hasTimer() ? past.resumeAt : null;
        if (resumeAt == null) {
            try {
                resumeAt = earlier(BuiltIns.timer(arguments), step.timeout());
            } catch (ProblemException | IllegalArgumentException e) {
                throw new CallFailure(message(e), null, Map.of(), e);
            }
            journal.append(change(StepLifecycle.Trigger.WAIT, null, null, resumeAt));
        }
        run.waitUntil(resumeAt);
        // Told by the arguments, so that it is the same after a restart.
        if (step.timeout() != null && BuiltIns.isCutShort(arguments(), resumeAt, step.timeout())) {
            throw new CallFailure("timed out after " + Durations.text(step.timeout()), null, Map.of(), null);
        }
        return complete(Map.of("until", resumeAt.toString()));
    }

    private static Instant earlier(Instant end, @Nullable Duration timeout) {
        if (timeout == null) {
            return end;
        }
        Instant bound = Instant.now().plus(timeout).truncatedTo(ChronoUnit.MILLIS);
        return bound.isBefore(end) ? bound : end;
    }

    private StepOutcome log(Map<String, Object> arguments) {
        StreamEvent.Log line = BuiltIns.log(arguments);
        return complete(Map.of(), change(StepLifecycle.Trigger.START, null, null, null), line);
    }

    private StepOutcome artifact(Map<String, Object> arguments) throws IOException {
        journal.append(change(StepLifecycle.Trigger.START, null, null, null));
        BuiltIns.Artifact made = BuiltIns.artifact(arguments, run.taskId(), parts.spaces(), parts.workspace());
        StepChanged completed = change(StepLifecycle.Trigger.COMPLETE, made.shown(), null, null);
        journal.write((tables, row) -> {
            tables.artifacts().put(made.row());
            return List.of(Json.progress(made.event()), Json.progress(completed));
        });
        return StepOutcome.of(completed);
    }

    private StepOutcome complete(Map<String, Object> result, StreamEvent... before) {
        List<StreamEvent> events = new ArrayList<>(List.of(before));
        StepChanged completed = change(StepLifecycle.Trigger.COMPLETE, result, null, null);
        events.add(completed);
        journal.append(events.toArray(StreamEvent[]::new));
        return StepOutcome.of(completed);
    }

    private StepOutcome fail(String error, @Nullable String callId) {
        StepChanged failed = change(StepLifecycle.Trigger.FAIL, null, error, null);
        if (callId == null) {
            journal.append(failed);
        } else {
            journal.append(new ToolAnswered(callId, null, error), failed);
        }
        return StepOutcome.of(failed);
    }

    private StepChanged change(
            StepLifecycle.Trigger trigger,
            @Nullable Map<String, Object> result,
            @Nullable String error,
            @Nullable Instant resumeAt) {
        state = StepLifecycle.TABLE.next(key, state, trigger, history);
        history.add(state.word());
        if (trigger == StepLifecycle.Trigger.START) {
            starts++;
        }
        return new StepChanged(
                key, state.word(), Math.max(1, starts), result, error, resumeAt == null ? null : resumeAt.toString());
    }

    /** The id of the last question asked here: unique for ever, as the attempt and the count are in it. */
    private String question() {
        return question(asks);
    }

    private String question(int number) {
        return "%s.%d.%s.%d"
                .formatted(run.taskId(), run.attempt(), key.replace('[', '.').replace("]", ""), number);
    }

    private static String message(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
