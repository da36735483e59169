package dev.viber.api.tool;

import dev.viber.api.tool.Touches.Access;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;

/** What a call knows of its surroundings, and how it tells of its progress. */
@ProviderType
public interface ToolContext {
    /** The task this call is made for. */
    String taskId();

    /** The step of the plan, {@code find} or, in a forEach, {@code find[3]}. */
    String stepId();

    /**
     * The folder relative paths are taken from; absolute.
     *
     * @throws SecurityException where the tool declares to touch no files
     */
    Path workspace();

    /** The folders this call may read or write in, the workspace first; empty where the tool does not declare that. */
    default List<Path> roots(Access access) {
        return access == Access.READ || access == Access.WRITE ? List.of(workspace()) : List.of();
    }

    /**
     * A path of an argument, as a real path within the folders this call may read or write in; it need not exist.
     *
     * <p>What it leads to is looked at once: a tool that must withstand links swapped during its call holds folders open
     * instead, as {@code file.*} do.
     *
     * @throws ToolException where it leads elsewhere
     */
    default Path path(Access access, String path) throws ToolException {
        Path wanted = workspace().resolve(path).normalize();
        try {
            Path there = wanted;
            while (there != null && !Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
                there = there.getParent();
            }
            Path real = there == null
                    ? wanted
                    : there.toRealPath().resolve(there.relativize(wanted)).normalize();
            for (Path root : roots(access)) {
                if (Files.isDirectory(root) && real.startsWith(root.toRealPath())) {
                    return real;
                }
            }
        } catch (IOException e) {
            throw new ToolException("%s: %s".formatted(path, e.getMessage()), false, e);
        }
        throw new ToolException("%s: outside of the folders this tool may %s in".formatted(path, access.word()));
    }

    /** Whether the tool declares this kind of access, and so has it. */
    default boolean may(Access access) {
        return !roots(access).isEmpty();
    }

    /**
     * The span this call is, as the W3C's {@code traceparent} names it: what a tool sends along with a request of its own,
     * so that the trace goes on behind it. Null where the task belongs to no trace.
     *
     * <pre>{@code
     * if (context.traceparent() != null) {
     *     request.header("traceparent", context.traceparent());
     * }
     * }</pre>
     */
    default @Nullable String traceparent() {
        return null;
    }

    /**
     * Keeps bytes with the task as a named output, as the step {@code artifact} does; one of the same name is replaced.
     *
     * @param name a file name of 1 to 200 characters
     * @param type a media type, as {@code image/png}
     * @param bytes read to their end, not closed
     * @return its {@code name}, {@code type}, {@code bytes} and {@code sha256}, as a part of the result
     * @throws ToolException where the name or type is none, or there is more of it than a viber keeps
     */
    default Map<String, Object> artifact(String name, String type, InputStream bytes)
            throws ToolException, InterruptedException {
        throw new ToolException("artifact %s: nothing is kept here".formatted(name));
    }

    /** Tells of progress; goes out as a {@code tool-output} event. Cheap, never blocks for long. */
    void progress(Map<String, Object> output);

    /** Whether the call was cancelled; its thread is interrupted as well. */
    boolean isCancelled();
}
