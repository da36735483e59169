package dev.viber.tool.browser;

import dev.viber.api.tool.ToolContext;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;

/** A call of one task, which makes no files. */
final class Task implements ToolContext {
    @Override
    public String taskId() {
        return "task-1";
    }

    @Override
    public String stepId() {
        return "step";
    }

    @Override
    public Path workspace() {
        throw new SecurityException("none");
    }

    @Override
    public Map<String, Object> artifact(String name, String type, InputStream bytes) {
        throw new AssertionError(name);
    }

    @Override
    public void progress(Map<String, Object> output) {}

    @Override
    public boolean isCancelled() {
        return false;
    }
}
