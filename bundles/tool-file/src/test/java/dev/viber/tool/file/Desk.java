package dev.viber.tool.file;

import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.Touches;
import dev.viber.tool.file.ConfinedFiles.Confinement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All file tools over one real workspace, for tests. */
final class Desk {
    final Path workspace;
    final Path outside;
    final List<Map<String, Object>> progress = new CopyOnWriteArrayList<>();
    BooleanSupplier cancelled = () -> false;
    private final Map<String, Tool> tools;

    Desk(Confinement confinement, Path folder) throws IOException {
        this(confinement, folder, 1 << 20, 16 << 20, 10_000);
    }

    Desk(Confinement confinement, Path folder, int maxRead, int maxWrite, int maxEntries) throws IOException {
        workspace = Files.createDirectories(folder.resolve("workspace"));
        outside = Files.createDirectories(folder.resolve("outside"));
        Path root = Files.createDirectories(folder.resolve("root"));
        Files.writeString(outside.resolve("secret"), "secret");
        ConfinedFiles files = new ConfinedFiles(confinement, List.of(root), maxRead, maxWrite, maxEntries);
        tools = Stream.of(
                        new ReadTool(files),
                        new WriteTool(files),
                        new EditTool(files),
                        new ListTool(files),
                        new GlobTool(files),
                        new StatTool(files),
                        new MoveTool(files),
                        new CopyTool(files),
                        new DeleteTool(files))
                .collect(Collectors.toMap(tool -> tool.info().name(), tool -> tool));
    }

    Tool tool(String name) {
        return Objects.requireNonNull(tools.get(name), name);
    }

    static List<?> list(Map<String, Object> result, String name) {
        return (List<?>) Objects.requireNonNull(result.get(name), name);
    }

    /** Calls with arguments given as name, value, name, value... */
    Map<String, Object> call(String tool, Object... arguments) throws ToolException, InterruptedException {
        return callIn(workspace, tool, arguments);
    }

    Map<String, Object> callIn(Path folder, String tool, Object... arguments)
            throws ToolException, InterruptedException {
        return tool(tool)
                .call(map(arguments), new Context(folder, tool(tool).info().touches()));
    }

    static Map<String, Object> map(Object... arguments) {
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            map.put((String) arguments[i], arguments[i + 1]);
        }
        return map;
    }

    private final class Context implements ToolContext {
        private final Path folder;

        private final Touches touches;

        Context(Path folder, Touches touches) {
            this.folder = folder;
            this.touches = touches;
        }

        @Override
        public List<Path> roots(Touches.Access access) {
            return touches.access().contains(access)
                    ? Stream.concat(Stream.of(folder), touches.roots().stream()).toList()
                    : List.of();
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
            return folder;
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
}
