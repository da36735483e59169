package dev.viber.tool.browser;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Calls tools for one task, and keeps what they make. */
final class Caller implements ToolContext {
    private final String task;
    private final Path workspace;
    private final Map<String, Tool> tools = new HashMap<>();
    private final Map<String, byte[]> artifacts = new HashMap<>();

    Caller(String task, Path workspace, TaskBrowsers browsers) {
        this.task = task;
        this.workspace = workspace;
        for (List<BrowserTool> each :
                List.of(PageTools.of(browsers), ElementTools.of(browsers), KeepingTools.of(browsers))) {
            each.forEach(tool -> tools.put(tool.info().name(), tool));
        }
        tools.put("browser.close", new CloseTool(browsers));
    }

    Map<String, Object> call(String tool, Object... arguments) throws ToolException, InterruptedException {
        Map<String, Object> given = new HashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            given.put(arguments[i].toString(), arguments[i + 1]);
        }
        return Objects.requireNonNull(tools.get("browser." + tool), tool).call(given, this);
    }

    /** The reference of the line of the tree that begins so. */
    String ref(String line) throws ToolException, InterruptedException {
        String tree = String.valueOf(call("read").get("tree"));
        return tree.lines()
                .map(String::strip)
                .filter(each -> each.startsWith("- " + line))
                .map(each -> each.replaceFirst(".*\\[ref=(.*)]", "$1"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no '" + line + "' in\n" + tree));
    }

    byte[] artifact(String name) {
        return Objects.requireNonNull(artifacts.get(name), name);
    }

    @Override
    public String taskId() {
        return task;
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
    public Map<String, Object> artifact(String name, String type, InputStream bytes) throws ToolException {
        try {
            byte[] all = bytes.readAllBytes();
            artifacts.put(name, all);
            return Map.of("name", name, "type", type, "bytes", all.length, "sha256", "");
        } catch (IOException e) {
            throw new ToolException(name, false, e);
        }
    }

    @Override
    public void progress(Map<String, Object> output) {}

    @Override
    public boolean isCancelled() {
        return false;
    }
}
