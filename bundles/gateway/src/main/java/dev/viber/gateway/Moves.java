package dev.viber.gateway;

import dev.viber.api.metric.Counted;
import dev.viber.api.metric.Histogram;
import dev.viber.api.metric.Metric;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.trace.TraceContext;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Tasks that went from one phase to another, once that is durable: counted, and told in the log with their ids. */
final class Moves {
    private static final Logger LOG = LoggerFactory.getLogger("dev.viber.gateway.tasks");

    private final LongAdder accepted = new LongAdder();
    private final LongAdder dispatched = new LongAdder();
    private final Counted ended = new Counted("viber_tasks_ended_total", "Tasks that ended, by how.", "end")
            .from(Phase.COMPLETED.word())
            .from(Phase.ERROR.word())
            .from(Phase.STOPPED.word())
            .from(Phase.DEAD.word());
    private final Histogram waits = new Histogram(
            "viber_task_queue_wait_seconds",
            "From a task's submission to its first dispatch.",
            0.01,
            0.05,
            0.25,
            1,
            5,
            30,
            120,
            600,
            3600);
    private final Histogram runs = new Histogram(
            "viber_task_run_duration_seconds",
            "From a task's start to its end, waiting for people included.",
            0.1,
            0.5,
            2,
            10,
            60,
            300,
            1800,
            7200,
            86_400);

    /** Counts and tells. */
    void add(Effects.Moved moved) {
        TaskRow row = moved.row();
        Phase phase = row.phase();
        if (moved.from() == null) {
            accepted.increment();
            tell(row, "taken in: {}", row.goal());
        } else if (phase == Phase.DISPATCHED) {
            dispatched.increment();
            if (row.attempt() == 1) {
                waits.observe(seconds(row.createdAt(), Instant.now()));
            }
            tell(row, "given to viber {}", row.viberId());
        } else if (phase.isEnded()) {
            ended.add(phase.word());
            Instant began = row.startedAt();
            if (began != null) {
                runs.observe(seconds(began, Instant.now()));
            }
            tell(row, "ended: {}", row.error() == null ? phase.word() : phase.word() + ": " + row.error());
        }
    }

    private static double seconds(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toMillis()) / 1000.0;
    }

    private static void tell(TaskRow row, String message, @Nullable String what) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        try (var _ = MDC.putCloseable("task", row.id());
                var _ = MDC.putCloseable("viber", row.viberId());
                var _ = MDC.putCloseable(
                        "trace",
                        TraceContext.parse(row.traceparent())
                                .map(TraceContext::traceId)
                                .orElse(null))) {
            LOG.info("task {} attempt {} " + message, row.id(), row.attempt(), what);
        }
    }

    /** As they are now. */
    List<Metric> metrics() {
        return List.of(
                Metric.counter("viber_tasks_accepted_total", "Tasks taken in.", accepted.sum()),
                Metric.counter("viber_task_dispatches_total", "Attempts given to vibers.", dispatched.sum()),
                ended.metric(),
                waits.metric(),
                runs.metric());
    }
}
