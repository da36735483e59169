package dev.viber.tool.search;

import dev.viber.api.tool.ToolContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** A task's step as a tool sees it, for tests. */
final class Caller implements ToolContext {
    final List<Map<String, Object>> progress = new CopyOnWriteArrayList<>();
    private final Path workspace;
    private final BooleanSupplier cancelled;

    Caller(Path workspace) {
        this(workspace, () -> false);
    }

    Caller(Path workspace, BooleanSupplier cancelled) {
        this.workspace = workspace;
        this.cancelled = cancelled;
    }

    @Override
    public String taskId() {
        return "task";
    }

    @Override
    public String stepId() {
        return "step";
    }

    @Override
    public Path workspace() {
        return workspace;
    }

    @Override
    public void progress(Map<String, Object> output) {
        progress.add(output);
    }

    @Override
    public boolean isCancelled() {
        return cancelled.getAsBoolean();
    }
}
