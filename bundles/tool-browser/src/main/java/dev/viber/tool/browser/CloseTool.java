package dev.viber.tool.browser;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.api.tool.Touches;
import dev.viber.api.tool.Touches.Access;
import java.io.IOException;
import java.util.Map;

/** Gives the task's browser back before the task ends. */
final class CloseTool implements Tool {
    private static final ToolInfo INFO = new ToolInfo(
            "browser.close",
            "Ends the task's browser before the task's end; what comes after begins with another one, which knows nothing of it.",
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"properties":{}}""",
            Touches.of(Access.NETWORK));

    private final TaskBrowsers browsers;

    CloseTool(TaskBrowsers browsers) {
        this.browsers = browsers;
    }

    @Override
    public ToolInfo info() {
        return INFO;
    }

    @Override
    public boolean isIdempotent(Map<String, Object> arguments) {
        return true;
    }

    @Override
    public Map<String, Object> call(Map<String, Object> arguments, ToolContext context)
            throws ToolException, InterruptedException {
        try {
            return Map.of("closed", browsers.giveBack(context.taskId()));
        } catch (IOException e) {
            throw new ToolException("browser.close: " + e.getMessage(), true, e);
        }
    }
}
