package dev.viber.api.viber;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a viber says of itself in {@code connected}; a minimal one says only id, name and capabilities.
 *
 * @param id unique at the gateway and bound to its token
 * @param name free text for people; the id where none was given
 * @param platform {@code linux|darwin|windows}, as the viber words it
 * @param capabilities words such as {@code file}, {@code search}, {@code web}
 * @param tools with their schemas; empty where the viber announces none
 * @param capacity how many tasks at once; null where it does not say
 * @param runningTasks ids of the tasks it has not ended
 * @param features extensions it understands beyond the first messages; empty for a minimal one
 * @param tasks where each unfinished or unacknowledged task stands, announced by vibers with the feature {@code resume}
 */
public record ViberInfo(
        String id,
        String name,
        @Nullable String version,
        @Nullable String platform,
        @Nullable String arch,
        List<String> capabilities,
        List<ToolDescription> tools,
        @Nullable Integer capacity,
        List<String> runningTasks,
        List<String> features,
        List<TaskPosition> tasks) {
    /**
     * Where a task stands on its viber.
     *
     * @param vseq of the last frame the viber has for it
     */
    public record TaskPosition(String taskId, int attempt, long vseq) {}
}
