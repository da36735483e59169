package dev.viber.agent;

import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.trace.TraceContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What the log says of the work of a thread: {@code task}, {@code viber}, {@code trace} and {@code step}. A thread of a run
 * does nothing else, so that nothing has to be taken back.
 */
final class LogScope {
    private LogScope() {}

    /** The ids of a task, for its threads. */
    static Map<String, String> of(TaskRow row) {
        String trace =
                TraceContext.parse(row.traceparent()).map(TraceContext::traceId).orElse("");
        String viber = row.viberId() == null ? "" : row.viberId();
        return Map.of("task", row.id(), "viber", viber, "trace", trace);
    }

    /** The calling thread works for this task and, where it is not null, this step from now on. */
    static void enter(Map<String, String> ids, @Nullable String step) {
        ids.forEach((name, value) -> {
            if (!value.isEmpty()) {
                MDC.put(name, value);
            }
        });
        if (step != null) {
            MDC.put("step", step);
        }
    }
}
