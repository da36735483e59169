package dev.viber.api.tool;

import java.nio.file.Path;
import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/** What a call knows of its surroundings, and how it tells of its progress. */
@ProviderType
public interface ToolContext {
    /** The task this call is made for. */
    String taskId();

    /** The step of the plan, {@code find} or, in a forEach, {@code find[3]}. */
    String stepId();

    /** The folder relative paths are taken from; absolute. */
    Path workspace();

    /** Tells of progress; goes out as a {@code tool-output} event. Cheap, never blocks for long. */
    void progress(Map<String, Object> output);

    /** Whether the call was cancelled; its thread is interrupted as well. */
    boolean isCancelled();
}
