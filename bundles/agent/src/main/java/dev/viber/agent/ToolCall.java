package dev.viber.agent;

import dev.viber.api.task.StreamEvent;
import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches.Access;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of a tool, on a virtual thread of its own, bounded in time and in what it may say while it works. */
final class ToolCall implements ToolContext {
    private static final Logger LOG = LoggerFactory.getLogger(ToolCall.class);
    /** How long a cancelled call may take to end before it is left to itself. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final int PROGRESS_BURST = 50;
    private static final int PROGRESS_PER_SECOND = 20;
    private static final int PROGRESS_BYTES = 64 << 10;
    private static final long PROGRESS_BYTES_OF_CALL = 4L << 20;

    private final RunJournal journal;
    private final String taskId;
    private final Map<String, String> ids;
    private final @Nullable String traceparent;
    private final String stepId;
    private final String callId;
    private final Path workspace;
    private final Spaces spaces;
    private final ToolInfo info;
    private volatile boolean cancelled;
    private double allowance = PROGRESS_BURST;
    private long allowedAt = System.nanoTime();
    private long bytesSaid;
    private long dropped;

    ToolCall(RunJournal journal, Run run, String stepId, String callId, @Nullable String traceparent, ToolInfo info) {
        this.journal = journal;
        taskId = run.taskId();
        ids = run.ids();
        this.traceparent = traceparent;
        this.stepId = stepId;
        this.callId = callId;
        workspace = run.parts().workspace();
        spaces = run.parts().spaces();
        this.info = info;
    }

    /**
     * Makes the call. Where the calling thread is interrupted the call is cancelled; if it brings a result all the same,
     * that is returned and the thread stays interrupted.
     */
    Map<String, Object> make(Tool tool, Map<String, Object> arguments, Duration timeout)
            throws CallFailure, InterruptedException {
        FutureTask<Map<String, Object>> task = new FutureTask<>(() -> {
            LogScope.enter(ids, stepId);
            return tool.call(arguments, this);
        });
        Thread thread = Thread.ofVirtual().name("call-" + taskId + "-" + callId).unstarted(task);
        thread.start();
        try {
            return task.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            cancel(thread);
            throw new CallFailure("timed out after " + Durations.text(timeout), callId, arguments, e);
        } catch (InterruptedException e) {
            if (cancel(thread) && task.state() == FutureTask.State.SUCCESS) {
                Thread.currentThread().interrupt();
                return task.resultNow();
            }
            throw e;
        } catch (ExecutionException e) {
            throw new CallFailure(reason(e.getCause()), callId, arguments, e.getCause());
        } finally {
            tellDropped();
        }
    }

    private boolean cancel(Thread thread) throws InterruptedException {
        cancelled = true;
        thread.interrupt();
        if (!thread.join(GRACE)) {
            LOG.warn("Call {} of task {} goes on {} after it was cancelled; left to itself", callId, taskId, GRACE);
            return false;
        }
        return true;
    }

    private static String reason(@Nullable Throwable cause) {
        if (cause == null) {
            return "failed without saying why";
        }
        if ((cause instanceof ToolException || cause instanceof SecurityException) && cause.getMessage() != null) {
            return cause.getMessage();
        }
        LOG.warn("A tool failed unexpectedly", cause);
        return cause.toString();
    }

    @Override
    public String taskId() {
        return taskId;
    }

    @Override
    public String stepId() {
        return stepId;
    }

    @Override
    public @Nullable String traceparent() {
        return traceparent;
    }

    @Override
    public Path workspace() {
        Set<Access> access = info.touches().access();
        if (!access.contains(Access.READ) && !access.contains(Access.WRITE)) {
            throw new SecurityException(
                    "%s declares to touch no files, so it gets no folder; its ToolInfo must name what it touches"
                            .formatted(info.name()));
        }
        return workspace;
    }

    @Override
    public List<Path> roots(Access access) {
        if (!info.touches().access().contains(access) || (access != Access.READ && access != Access.WRITE)) {
            return List.of();
        }
        return Stream.concat(Stream.of(workspace), info.touches().roots().stream())
                .toList();
    }

    @Override
    public boolean may(Access access) {
        return info.touches().access().contains(access);
    }

    @Override
    public Map<String, Object> artifact(String name, String type, InputStream bytes)
            throws ToolException, InterruptedException {
        try {
            BuiltIns.Artifact made = BuiltIns.artifact(name, type, bytes, taskId, spaces);
            // Durable before the call's result can be.
            journal.await(journal.write((tables, row) -> {
                tables.artifacts().put(made.row());
                return List.of(Json.progress(made.event()));
            }));
            return made.shown();
        } catch (IllegalArgumentException e) {
            throw new ToolException(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new ToolException("artifact %s: %s".formatted(name, e.getMessage()), false, e);
        }
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }

    @Override
    public void progress(Map<String, Object> output) {
        int bytes = Json.write(output).getBytes(StandardCharsets.UTF_8).length;
        synchronized (this) {
            long now = System.nanoTime();
            allowance = Math.min(PROGRESS_BURST, allowance + (now - allowedAt) * 1e-9 * PROGRESS_PER_SECOND);
            allowedAt = now;
            if (allowance < 1 || bytes > PROGRESS_BYTES || bytesSaid + bytes > PROGRESS_BYTES_OF_CALL) {
                dropped++;
                return;
            }
            allowance--;
            bytesSaid += bytes;
        }
        if (!cancelled) {
            tellDropped();
            say(output);
        }
    }

    private void tellDropped() {
        long count;
        synchronized (this) {
            count = dropped;
            dropped = 0;
        }
        if (count > 0) {
            say(Map.of("dropped", count));
        }
    }

    private void say(Map<String, Object> output) {
        try {
            journal.append(new StreamEvent.ToolOutput(callId, output));
        } catch (LeftException e) {
            LOG.debug("Progress of call {} of task {} comes after its run", callId, taskId);
        }
    }
}
