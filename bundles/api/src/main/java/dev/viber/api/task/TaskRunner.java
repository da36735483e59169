package dev.viber.api.task;

import dev.viber.api.viber.AgentConfig;
import java.time.Duration;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The agent, as the controller sees it. Its orders lie in the viber's store (append, then act), so that a call here only
 * wakes it, and a call missed is made up for at its next start.
 */
@ProviderType
public interface TaskRunner {
    /** There is something new about this task in the store: an order, a stop, a message, a decision. */
    void wake(String taskId);

    /** The tasks it works on now; waiting ones are among them. */
    Set<String> running();

    /** How many of {@link #running} take a slot of capacity. */
    int busy();

    /** How many tasks it works on at once. */
    int capacity();

    /**
     * Applies the parts of an {@code AgentConfig} that concern running tasks (capacity, tools, policy, model) from now on;
     * tasks under way go on. A part that is null is as the agent was started.
     *
     * @throws dev.viber.api.problem.ProblemException where a part is wrong; then nothing has changed
     */
    void configure(AgentConfig config);

    /** Begins nothing new and waits for the steps under way, at most this long; what is cut off resumes later. */
    void drain(Duration atMost) throws InterruptedException;
}
