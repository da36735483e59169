package dev.viber.library;

import java.util.Map;

/**
 * Does a task, on a virtual thread of its own.
 *
 * <pre>{@code
 * viber.handler(task -> Map.of("summary", "said hello to " + task.goal()));
 * }</pre>
 */
@FunctionalInterface
public interface TaskHandler {
    /**
     * Does it.
     *
     * @return the task's result, as JSON values; {@code summary} and {@code outputs} are shown to people
     * @throws InterruptedException where the task was stopped
     * @throws Exception where it cannot be done; its message becomes the task's error
     */
    Map<String, ?> handle(ViberTask task) throws Exception;
}
