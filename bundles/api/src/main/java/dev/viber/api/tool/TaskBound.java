package dev.viber.api.tool;

import java.util.Collection;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keeps something for a task from one call to the next, such as a browser, and gives it up when the task has ended; a tool
 * bundle registers one beside its tools.
 *
 * <pre>{@code
 * @Component
 * public final class Connections implements TaskBound {
 *     public Collection<String> tasks() {
 *         return connections.keySet();
 *     }
 *     public void ended(String taskId) {
 *         close(connections.remove(taskId));
 *     }
 * }
 * }</pre>
 */
@ConsumerType
public interface TaskBound {
    /** The tasks that it keeps something for now; asked when it comes and when the agent starts, to tell of ends it missed. */
    Collection<String> tasks();

    /**
     * The task has ended on this viber, whatever the outcome, or is another one's now. May be told more than once, and of
     * tasks it keeps nothing for; returns soon.
     */
    void ended(String taskId);
}
