package dev.viber.api.viber;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A viber as clients see it.
 *
 * @param status {@code online|busy|offline}; busy = as many tasks as capacity
 * @param duplicate whether several daemons fight over this id
 * @param machine as in its last heartbeat; null before the first
 * @param config what {@code config:update} told it and it took; empty for nothing. What is still on its way counts
 * @param configDigest of the configuration it reported to be in effect
 * @param configError why it refused the last change; null where it did not
 */
public record Viber(
        String id,
        String name,
        String status,
        @Nullable String version,
        @Nullable String platform,
        @Nullable String arch,
        List<String> capabilities,
        List<ToolDescription> tools,
        List<String> features,
        @Nullable Integer capacity,
        List<String> runningTasks,
        boolean duplicate,
        Instant createdAt,
        @Nullable Instant connectedAt,
        @Nullable Instant lastHeartbeatAt,
        @Nullable Map<String, Object> machine,
        Map<String, Object> config,
        @Nullable String configDigest,
        @Nullable String configError) {}
