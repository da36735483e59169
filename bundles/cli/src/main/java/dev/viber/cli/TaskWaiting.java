package dev.viber.cli;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Steps of a task that have ended, out of those of its plan, as its events tell them. */
final class TaskWaiting {
    private static final Set<String> ENDED = Set.of("completed", "skipped", "failed");

    private final Progress progress;
    private final Set<Object> ended = new HashSet<>();

    TaskWaiting(Progress progress) {
        this.progress = progress;
    }

    /** Takes an event: {@code {"seq","kind","at",...}}. */
    void take(Map<String, Object> event) {
        Object kind = event.get("kind");
        if ("waiting".equals(kind)) {
            progress.now("waits for an answer");
        } else if ("retried".equals(kind)) {
            ended.clear();
            progress.to(0);
        } else if (event.get("event") instanceof Map<?, ?> inner) {
            if (inner.get("steps") instanceof List<?> steps && "plan".equals(inner.get("kind"))) {
                progress.outOf(steps.size());
            } else if ("step".equals(inner.get("kind"))) {
                progress.now(String.valueOf(inner.get("step")));
                if (ENDED.contains(String.valueOf(inner.get("state"))) && ended.add(inner.get("step"))) {
                    progress.to(ended.size());
                }
            }
        }
    }
}
