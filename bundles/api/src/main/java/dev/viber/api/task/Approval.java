package dev.viber.api.task;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question a task waits on.
 *
 * @param id unique at the gateway
 * @param tool the tool whose call is in question; null where it is the whole task
 * @param arguments the call's arguments
 * @param reason why it is asked, for people: {@code outcome unknown: ...}
 * @param state {@code open|allowed|denied|void}; void where the task ended otherwise
 * @param by who answered; null while open
 */
public record Approval(
        String id,
        String taskId,
        @Nullable String tool,
        Map<String, Object> arguments,
        String reason,
        String state,
        @Nullable String by,
        Instant createdAt,
        @Nullable Instant decidedAt) {}
