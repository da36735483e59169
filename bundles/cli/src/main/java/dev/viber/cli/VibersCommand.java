package dev.viber.cli;

import dev.viber.api.rest.ViberChange;
import dev.viber.api.viber.ToolDescription;
import dev.viber.api.viber.Viber;
import dev.viber.client.ViberClient;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;

/** {@code viber vibers ...}: who does the work. */
@Command(name = "vibers", description = "List, show, change and forget vibers.", mixinStandardHelpOptions = true)
final class VibersCommand {
    @Command(name = "list", description = "List vibers.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions server,
            @Option(names = "--limit", defaultValue = "50", description = "How many (default: 50).") int limit) {
        try (ViberClient client = server.client()) {
            List<Viber> found = Pages.read(limit, Map.of(), client::vibers);
            server.output()
                    .table(
                            found,
                            List.of("ID", "NAME", "STATUS", "RUNNING", "CAPACITY", "CAPABILITIES"),
                            found.stream()
                                    .map(each -> List.of(
                                            each.id(),
                                            each.name(),
                                            each.status() + (each.duplicate() ? " (duplicate)" : ""),
                                            Integer.toString(each.runningTasks().size()),
                                            Output.text(each.capacity()),
                                            String.join(",", each.capabilities())))
                                    .toList(),
                            "no vibers");
        }
        return Exit.DONE;
    }

    @Command(name = "show", description = "Show a viber.", mixinStandardHelpOptions = true)
    int show(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id) {
        try (ViberClient client = server.client()) {
            print(server.output(), client.viber(id));
        }
        return Exit.DONE;
    }

    private static void print(Output output, Viber viber) {
        output.object(viber);
        output.line("id            " + viber.id());
        output.line("name          " + viber.name());
        output.line("status        " + viber.status() + (viber.duplicate() ? " (duplicate)" : ""));
        output.line("version       " + Output.text(viber.version()) + " on " + Output.text(viber.platform()) + " "
                + Output.text(viber.arch()));
        output.line("connected     " + Output.text(viber.connectedAt()));
        output.line("heartbeat     " + Output.text(viber.lastHeartbeatAt()));
        output.line("tasks         " + viber.runningTasks().size() + " of " + Output.text(viber.capacity()) + " "
                + viber.runningTasks());
        output.line("tools         "
                + viber.tools().stream().map(ToolDescription::name).collect(Collectors.joining(", ")));
        output.line("machine       " + Output.text(viber.machine()));
        output.line("config        " + Output.text(viber.config()));
        if (viber.configError() != null) {
            output.line("config error  " + viber.configError());
        }
    }

    @Command(name = "set", description = "Change a viber's name or configuration.", mixinStandardHelpOptions = true)
    int set(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--name", description = "A name for people.") @Nullable String name,
            @Option(
                            names = "--config",
                            paramLabel = "JSON",
                            description = "Merged into what it was told before, such as '{\"capacity\":4}'.")
                    @Nullable
                    String config) {
        if (name == null && config == null) {
            throw new CommandFailure(Exit.USAGE, "nothing to change: say --name or --config");
        }
        try (ViberClient client = server.client()) {
            Viber changed = client.change(id, new ViberChange(name, config == null ? null : parsed(config)));
            server.output().show(changed, "viber " + changed.id() + " is changed");
        }
        return Exit.DONE;
    }

    private static Map<String, Object> parsed(String config) {
        try {
            return Json.object(config);
        } catch (JacksonException e) {
            throw new CommandFailure(Exit.USAGE, "--config is one JSON object: " + e.getOriginalMessage());
        }
    }

    @Command(name = "delete", description = "Forget a viber.", mixinStandardHelpOptions = true)
    int delete(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id) {
        try (ViberClient client = server.client()) {
            client.deleteViber(id);
            server.output().show(Map.of("id", id, "deleted", true), "viber " + id + " is forgotten");
        }
        return Exit.DONE;
    }
}
