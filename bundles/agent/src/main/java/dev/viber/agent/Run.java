package dev.viber.agent;

import dev.viber.api.gate.Gate;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.StoreException;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.Budget;
import dev.viber.api.task.Expressions;
import dev.viber.api.task.Plan;
import dev.viber.api.task.StreamEvent;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.trace.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt at a task, for as long as this agent works on it: from its orders in the store to its last event there. */
final class Run {
    private static final Logger LOG = LoggerFactory.getLogger(Run.class);
    private static final Duration CLOCK_CHECK = Duration.ofMinutes(1);

    private final Parts parts;
    private final String taskId;
    private final String goal;
    private final Map<String, Object> options;
    private final int attempt;
    private final boolean recovered;
    private final Instant createdAt;
    private final Map<String, String> ids;
    private final @Nullable TraceContext trace;
    private final Consumer<Run> gone;
    private final RunJournal journal;
    private final RunRecord record;
    private final RunThreads threads;
    private final Questions questions;
    private final Semaphore permits;
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    private volatile RunPast past = new RunPast();
    private volatile @Nullable PlanGraph graph;
    private volatile @Nullable Spending spending;
    private volatile @Nullable String spent;
    private volatile boolean begun;
    private volatile boolean hearing;
    private volatile boolean inTrouble;

    /**
     * A run that does nothing yet.
     *
     * @param recovered whether its orders were found in the store rather than announced: then what it needs may still be
     *     starting, and is waited for
     * @param gone is told when nothing of it is left
     */
    Run(Parts parts, TaskRow row, boolean recovered, Consumer<Run> gone) {
        this.parts = parts;
        this.taskId = row.id();
        this.goal = row.goal();
        this.options = Json.object(row.options());
        this.attempt = row.attempt();
        this.begun = row.phase() != Phase.DISPATCHED;
        this.recovered = recovered || begun;
        this.createdAt = row.createdAt();
        this.gone = gone;
        ids = LogScope.of(row);
        trace = TraceContext.parse(row.traceparent()).orElse(null);
        journal = new RunJournal(parts.store(), taskId, attempt, this::lost);
        record = new RunRecord(journal, taskId);
        threads = new RunThreads(parts.slots(), taskId, createdAt, this::work, this::crashed);
        questions = new Questions(parts.store(), parts.wishes(), record, threads, taskId);
        permits = new Semaphore(parts.parallel(), true);
    }

    /** Begins as soon as there is a slot. */
    void enqueue() {
        threads.enqueue(begun);
    }

    /** The store says this task is to be stopped. */
    void stop() {
        threads.cut(RunThreads.Cut.STOP, "stopped");
    }

    /** Ends here without writing anything more. */
    void leave() {
        journal.shut();
        threads.cut(RunThreads.Cut.LEAVE, "left");
    }

    /** There may be messages or decisions in the store. */
    void poke() throws InterruptedException {
        questions.look();
        if (hearing) {
            try {
                record.takeMessages();
            } catch (LeftException e) {
                LOG.debug("Messages of task {} are left to whom it is now", taskId, e);
            }
        }
    }

    /** Resolves when nothing of the run is left. */
    CompletableFuture<Boolean> ended() {
        return ended;
    }

    boolean isLeaving() {
        return threads.cutBy() == RunThreads.Cut.LEAVE;
    }

    /** Whether the store failed it. */
    boolean isInTrouble() {
        return inTrouble;
    }

    boolean isBegun() {
        return begun;
    }

    boolean isRecovered() {
        return recovered;
    }

    String taskId() {
        return taskId;
    }

    int attempt() {
        return attempt;
    }

    /** The ids its threads log with. */
    Map<String, String> ids() {
        return ids;
    }

    /** A span below the task's own; null where the task belongs to no trace. */
    @Nullable
    String childSpan() {
        return trace == null ? null : trace.child().toString();
    }

    Parts parts() {
        return parts;
    }

    RunJournal journal() {
        return journal;
    }

    RunPast past() {
        return past;
    }

    Semaphore permits() {
        return permits;
    }

    /** What expressions may name at this instant. */
    Map<String, @Nullable Object> scope() {
        PlanGraph planned = graph;
        if (planned == null) {
            throw new IllegalStateException("task " + taskId + " has no plan yet");
        }
        return planned.scope(taskId, goal, record.messages());
    }

    @Nullable
    Object evaluate(@Nullable Object template, Map<String, @Nullable Object> scope) throws InterruptedException {
        return expressions(e -> e.evaluate(template, scope));
    }

    boolean isTrue(String condition, Map<String, @Nullable Object> scope) throws InterruptedException {
        return Boolean.TRUE.equals(expressions(e -> e.isTrue(condition, scope)));
    }

    private @Nullable Object expressions(Gate.Call<Expressions, @Nullable Object, RuntimeException> call)
            throws InterruptedException {
        try {
            return parts.expressions().call(call);
        } catch (GateShutException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            throw new ProblemException(ProblemException.Kind.UNAVAILABLE, "expressions: " + e.getMessage());
        }
    }

    /** Waits until the wall clock says so. */
    void waitUntil(Instant when) throws InterruptedException {
        Duration left = Duration.between(Instant.now(), when);
        while (left.isPositive()) {
            // looked at again now and then, as the wall clock may be set, and goes on while a machine sleeps
            threads.pause(left.compareTo(CLOCK_CHECK) < 0 ? left : CLOCK_CHECK);
            left = Duration.between(Instant.now(), when);
        }
    }

    /** Begins a thread of this run; where the run is being cut, it does not. */
    void spawn(String name, RunThreads.Work work) {
        threads.spawn(name, () -> {
            LogScope.enter(ids, name);
            work.run();
        });
    }

    /** The calling thread waits for threads of this run from now on. */
    void park() {
        threads.park();
    }

    /** The thread that waits for the calling one goes on. */
    void unparkOther() {
        threads.unparkOther();
    }

    /** Asks a person; journals the question with these events and waits for the answer. */
    ApprovalRow ask(
            String id,
            String tool,
            Map<String, Object> arguments,
            String reason,
            @Nullable String key,
            List<? extends StreamEvent> events)
            throws InterruptedException {
        record.ask(id, tool, arguments, reason, key, events);
        return questions.answer(id);
    }

    /** What was asked and answered. */
    Questions questions() {
        return questions;
    }

    /** The task fails, whatever its steps would make of it. */
    InterruptedException failWhole(String message) {
        threads.cut(RunThreads.Cut.FAIL, message);
        return new InterruptedException(message);
    }

    /** What it spends. */
    Spending spending() {
        return Objects.requireNonNull(spending, "a run that works has begun to count");
    }

    /** Spends a step or a call; where the budget forbids it the task fails. */
    void spend(@Nullable String limit, String what) throws InterruptedException {
        if (limit != null) {
            spent = limit;
            throw failWhole(spending().told(limit, what));
        }
    }

    /** Waits for the answer to a question asked before. */
    ApprovalRow answer(String id) throws InterruptedException {
        return questions.answer(id);
    }

    private void work() {
        LogScope.enter(ids, null);
        try {
            if (threads.cutBy() == null) {
                go();
            }
        } catch (InterruptedException | LeftException e) {
            LOG.debug("Task {} is cut", taskId, e);
        } catch (RuntimeException e) {
            crashed("plan", e);
        }
        try {
            threads.awaitOthers();
            conclude();
        } catch (InterruptedException | LeftException e) {
            LOG.debug("Task {} is left", taskId, e);
            threads.cut(RunThreads.Cut.LEAVE, "left");
        } catch (RuntimeException e) {
            lost(e);
        } finally {
            journal.shut();
            threads.end();
            ended.complete(true);
            gone.accept(this);
        }
    }

    private void go() throws InterruptedException {
        boolean again = begun;
        record.begin();
        begun = true;
        past = parts.store().call(s -> s.read(tables -> RunPast.read(tables, RunJournal.topic(taskId))));
        LOG.info("Task {} attempt {} {}", taskId, attempt, again ? "is taken up again" : "begins");
        if (again) {
            journal.append(new StreamEvent.Resumed(past.steps(), past.openCalls()));
        }
        record.remember(past.messages());
        hearing = true;
        record.takeMessages();
        PlanGraph planned = new PlanGraph(plan(), past);
        graph = planned;
        Budget budget = Budget.of(options.get("budget"), "/options/budget")
                .orElse(parts.wishes().policy.budget());
        Spending counted = new Spending(budget, startedAt(), past.steps(), past.toolCalls());
        spending = counted;
        if (counted.isLimited()) {
            journal.append(new StreamEvent.Usage(counted.shown()));
        }
        Instant end = counted.end();
        Thread clock =
                end == null ? null : Thread.ofVirtual().name("budget-" + taskId).start(() -> endAt(end));
        try {
            planned.run(this, threads);
        } finally {
            if (clock != null) {
                clock.interrupt();
            }
        }
    }

    private Instant startedAt() {
        return parts.store()
                .call(s -> s.read(tables -> tables.tasks().find(taskId)))
                .map(TaskRow::startedAt)
                .orElseGet(Instant::now);
    }

    private void endAt(Instant end) {
        try {
            waitUntil(end);
            spend("seconds", "its time is over");
        } catch (InterruptedException e) {
            LOG.debug("Task {} has ended before its time, or because of it", taskId);
        }
    }

    private Plan plan() throws InterruptedException {
        String kept = parts.store()
                .call(s -> s.read(tables ->
                        tables.values().get(RunJournal.planKey(taskId)).orElse("")));
        if (!kept.isEmpty()) {
            return Json.read(kept, Plan.class);
        }
        String planner = parts.planners()
                .find(name -> true, offered -> offered.canPlan(goal, options), recovered)
                .orElseThrow(() -> new ProblemException(
                        ProblemException.Kind.UNAVAILABLE,
                        "nothing here can make a plan for this goal: a goal in words needs a model, and no model bundle"
                                + " is installed in this version; run a playbook instead: viber run -f FILE"));
        Plan plan = parts.planners().call(planner, offered -> offered.plan(goal, options));
        String text = Json.write(plan);
        record.planned(text, plan);
        return Json.read(text, Plan.class);
    }

    private void conclude() throws InterruptedException {
        RunThreads.Cut cut = threads.cutBy();
        PlanGraph planned = graph;
        if (cut == RunThreads.Cut.LEAVE) {
            return;
        }
        if (cut != null) {
            record.fail(threads.cutMessage(), more());
            LOG.info("Task {} attempt {} ended: {}", taskId, attempt, threads.cutMessage());
            return;
        }
        if (planned == null) {
            throw new IllegalStateException("task " + taskId + " ended without a plan");
        }
        try {
            Object outputs = evaluate(planned.plan().outputs(), scope());
            record.complete(planned.summary(), outputs, spending().shown());
            LOG.info("Task {} attempt {} ended: completed", taskId, attempt);
        } catch (ProblemException | IllegalArgumentException e) {
            record.fail("outputs: " + message(e), more());
            LOG.info("Task {} attempt {} ended: outputs: {}", taskId, attempt, message(e));
        }
    }

    /** What goes along with a failure. */
    private Map<String, Object> more() {
        Map<String, Object> more = new LinkedHashMap<>();
        Spending counted = spending;
        if (counted != null) {
            more.put("usage", counted.shown());
        }
        String limit = spent;
        if (limit != null) {
            more.put("budget", limit);
        }
        return more;
    }

    private void crashed(String where, RuntimeException cause) {
        switch (cause) {
            case GateShutException shut -> lost(shut);
            case StoreException broken -> lost(broken);
            case ProblemException refused -> threads.cut(RunThreads.Cut.FAIL, message(refused));
            default -> {
                LOG.warn("Task {}, {}: unexpected", taskId, where, cause);
                threads.cut(RunThreads.Cut.FAIL, where + ": " + message(cause));
            }
        }
    }

    private void lost(Throwable cause) {
        Throwable root = cause; // a store may wrap what a change throws
        while (root.getCause() != null && !(root instanceof LeftException)) {
            root = root.getCause();
        }
        if (!(root instanceof LeftException) && !inTrouble) {
            inTrouble = true;
            if (isLeaving()) {
                LOG.debug("Task {} is left in the middle of a change", taskId, cause);
            } else {
                LOG.warn("Task {} cannot be written; it is taken up again later", taskId, cause);
            }
        }
        threads.cut(RunThreads.Cut.LEAVE, "left");
    }

    private static String message(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
