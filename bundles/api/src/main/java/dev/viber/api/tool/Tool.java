package dev.viber.api.tool;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Something a viber can do for a task; a bundle offers it by registering this as a service.
 *
 * <pre>{@code
 * @Component
 * public final class Reverse implements Tool {
 *     public ToolInfo info() {
 *         return new ToolInfo("text.reverse", "Reverses a text.", """
 *                 {"type":"object","required":["text"],"properties":{"text":{"type":"string"}}}""");
 *     }
 *     public Map<String, Object> call(Map<String, Object> arguments, ToolContext context) {
 *         return Map.of("text", new StringBuilder((String) arguments.get("text")).reverse().toString());
 *     }
 * }
 * }</pre>
 */
@ConsumerType
public interface Tool {
    /** The tool's name, description and schema; constant for the life of the service. */
    ToolInfo info();

    /**
     * Whether this very call may be repeated when it is not known if it happened: asked before the call.
     *
     * <p>A call that is not, and was cut off in mid-flight, is never repeated blindly: its outcome is unknown and a
     * policy or a person decides.
     */
    default boolean isIdempotent(Map<String, Object> arguments) {
        return false;
    }

    /**
     * Does the work, on a virtual thread of its own, and may block.
     *
     * @param arguments valid by the tool's schema; values are those of JSON (String, Long, Double, Boolean, List, Map,
     *     null)
     * @return the result, of the same kinds of value
     * @throws ToolException where the work cannot be done; its message is shown to people and to models
     * @throws InterruptedException where the call was cancelled
     */
    Map<String, Object> call(Map<String, Object> arguments, ToolContext context)
            throws ToolException, InterruptedException;
}
