package dev.viber.api.task;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/**
 * Where clients hand in tasks and ask about them; the gateway stands behind it.
 *
 * <p>Every promise resolves when the change is durable. Refusals are {@link dev.viber.api.problem.ProblemException}s.
 */
@ProviderType
public interface TaskDesk {
    /** A part of a list, and the cursor to ask for the next part with; null at the end. */
    record Page<T>(List<T> items, @Nullable String next) {}

    /**
     * Which tasks to list.
     *
     * @param status one of the status words; null for any
     * @param phase one of the phase words; null for any
     * @param viberId null for any
     * @param cursor from the page before; null for the first
     * @param limit 1 to 1,000
     */
    record Query(
            @Nullable String status,
            @Nullable String phase,
            @Nullable String viberId,
            @Nullable String cursor,
            int limit) {}

    /** The task that was made, or found again by its key, and which of the two. */
    record Submitted(Task task, boolean created) {}

    /**
     * This desk for one request that may be sent again: a message, stop, retry or decision asked of it is done once for
     * each key and task or question, and asked once more only answers as things stand then.
     *
     * <p>The key is remembered in the same change as what was done, and as long as the task. With the same key, something
     * else asked of the same task or question in the same way is refused as a conflict.
     *
     * @param key 1 to 255 visible ASCII characters
     */
    TaskDesk once(String key);

    /**
     * This desk for one caller, whose name is kept beside what it does: {@code by} of the events {@code queued}, {@code
     * stopping}, {@code stopped}, {@code message} and {@code retried}.
     */
    TaskDesk by(String caller);

    /** Takes a task in. */
    Promise<Submitted> submit(TaskSubmission submission);

    /** The task, if there is one. */
    Optional<Task> find(String taskId);

    /** Tasks, newest first. */
    Page<Task> list(Query query);

    /** Stops a task; one that has ended already stays as it is. */
    Promise<Task> stop(String taskId);

    /** Sends a message to a task that has not ended. */
    Promise<Task> message(String taskId, TaskMessage message);

    /** Another attempt at a task that ended, or whose outcome is unknown. */
    Promise<Task> retry(String taskId);

    /** Another attempt at a task in the phase dead; fails with a problem where there is no such dead letter. */
    Promise<Task> revive(String taskId);

    /** Answers what a waiting task asked. */
    Promise<Approval> decide(String approvalId, Decision decision);

    /** What tasks ask, open ones first. */
    List<Approval> approvals(@Nullable String taskId);

    /** Takes every dead letter, or the named one, off the desk; tells how many. */
    Promise<Integer> prune(@Nullable String taskId);
}
