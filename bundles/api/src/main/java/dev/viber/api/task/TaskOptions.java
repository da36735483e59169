package dev.viber.api.task;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a task is to be done; every part is optional, and parts unknown here travel on unchanged.
 *
 * @param playbook the plan as YAML text
 * @param inputs values for the playbook's inputs
 * @param mode how much the agent asks before it acts
 * @param model the model to plan with
 * @param budget limits of steps, tool calls and time, see {@link Budget}
 * @param deadline the instant at which the task, if not ended, goes to the dead-letter desk
 * @param metadata whatever the client wants to find again
 */
public record TaskOptions(
        @Nullable String playbook,
        @Nullable Map<String, Object> inputs,
        @Nullable String mode,
        @Nullable String model,
        @Nullable Map<String, Object> budget,
        @Nullable Instant deadline,
        @Nullable Map<String, Object> metadata) {}
