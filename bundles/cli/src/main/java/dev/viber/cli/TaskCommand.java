package dev.viber.cli;

import dev.viber.api.rest.MessageRequest;
import dev.viber.api.rest.TaskEvents;
import dev.viber.api.task.Task;
import dev.viber.client.ViberClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viber task ...}: what there is to do, and what became of it. */
@Command(
        name = "task",
        aliases = "tasks",
        description = "List, show, follow, stop, retry and tell tasks.",
        mixinStandardHelpOptions = true,
        subcommands = {DeadLetterCommand.class, ArtifactsCommand.class})
final class TaskCommand {
    private static final int MOST_EVENTS = 2_000;

    @Command(name = "list", description = "List tasks, newest first.", mixinStandardHelpOptions = true)
    int list(
            @Mixin ServerOptions server,
            @Option(names = "--status", description = "pending, running, completed, error or stopped.") @Nullable
                    String status,
            @Option(names = "--phase", description = "queued, dispatched, running, waiting, dead...") @Nullable
                    String phase,
            @Option(names = "--viber", paramLabel = "ID", description = "Only of this viber.") @Nullable String viber,
            @Option(names = "--limit", defaultValue = "50", description = "How many (default: 50).") int limit) {
        Map<String, @Nullable Object> filter = new HashMap<>();
        filter.put("status", status);
        filter.put("phase", phase);
        filter.put("viberId", viber);
        try (ViberClient client = server.client()) {
            print(server.output(), Pages.read(limit, filter, client::tasks), "no tasks");
        }
        return Exit.DONE;
    }

    static void print(Output output, List<Task> tasks, String none) {
        output.table(
                tasks,
                List.of("ID", "STATUS", "PHASE", "VIBER", "CREATED", "GOAL"),
                tasks.stream()
                        .map(task -> List.of(
                                task.id(),
                                task.status(),
                                task.phase(),
                                Output.text(task.viberId()),
                                task.createdAt().toString(),
                                Output.brief(task.goal(), 60)))
                        .toList(),
                none);
    }

    @Command(
            name = "show",
            description =
                    "Show a task's whole story: who asked, who worked, each step, what came in between, what next.",
            mixinStandardHelpOptions = true)
    int show(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id) {
        Output output = server.output();
        try (ViberClient client = server.client()) {
            Story story = new Story(client.task(id));
            TaskEvents page = client.eventsNow(id, 0, MOST_EVENTS);
            page.items().forEach(story::add);
            while (page.next() != null) {
                page = client.eventsNow(id, page.next(), MOST_EVENTS);
                page.items().forEach(story::add);
            }
            if (output.json()) {
                Map<String, Object> whole = new LinkedHashMap<>(Json.object(Json.write(story.task())));
                whole.put("story", story.data());
                output.object(whole);
            }
            new StoryPage(story, ZoneId.systemDefault()).lines().forEach(output::line);
        }
        return Exit.DONE;
    }

    @Command(name = "follow", description = "Follow a task to its end.", mixinStandardHelpOptions = true)
    int follow(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--after", defaultValue = "0", description = "Only events behind this seq.") long after,
            @Option(
                            names = "--timeout",
                            converter = Times.DurationReader.class,
                            description = "Stop the task after this time.")
                    @Nullable
                    Duration timeout) {
        if (id.startsWith(Following.LOCAL)) {
            return local(server, daemon -> Following.local(daemon, id, after, server.output(), timeout, false));
        }
        try (ViberClient client = server.client()) {
            return Following.remote(client, id, after, server.output(), timeout);
        }
    }

    @Command(
            name = "wait",
            description = "Wait for a task to end; only its end is told, and its exit code is the task's.",
            mixinStandardHelpOptions = true)
    int waitFor(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(
                            names = "--timeout",
                            converter = Times.DurationReader.class,
                            description = "Wait no longer than this; the task goes on.")
                    @Nullable
                    Duration timeout) {
        try (ViberClient client = server.client()) {
            return Following.await(client, id, server.output(), timeout);
        }
    }

    @Command(name = "stop", description = "Stop a task.", mixinStandardHelpOptions = true)
    int stop(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id) {
        if (id.startsWith(Following.LOCAL)) {
            return local(server, daemon -> {
                daemon.call(Map.of("call", "stop", "taskId", id), _ -> {});
                server.output().show(Map.of("taskId", id, "stopping", true), "task " + id + " is told to stop");
                return Exit.DONE;
            });
        }
        return change(server, client -> client.stop(id));
    }

    @Command(name = "retry", description = "Try a task again.", mixinStandardHelpOptions = true)
    int retry(@Mixin ServerOptions server, @Parameters(paramLabel = "ID") String id) {
        return change(server, client -> client.retry(id));
    }

    @Command(name = "message", description = "Send a message to a task.", mixinStandardHelpOptions = true)
    int message(
            @Mixin ServerOptions server,
            @Parameters(index = "0", paramLabel = "ID") String id,
            @Parameters(index = "1..*", arity = "1..*", paramLabel = "TEXT") String[] words,
            @Option(names = "--mode", description = "steer, followup (the default) or collect.") @Nullable
                    String mode) {
        return change(
                server, client -> client.message(id, new MessageRequest(String.join(" ", Arrays.asList(words)), mode)));
    }

    static int change(ServerOptions server, Function<ViberClient, Task> change) {
        try (ViberClient client = server.client()) {
            Task task = change.apply(client);
            server.output().show(task, "task " + task.id() + " is " + task.status() + " (" + task.phase() + ")");
        }
        return Exit.DONE;
    }

    @Command(name = "events", description = "Show what happened to a task so far.", mixinStandardHelpOptions = true)
    int events(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "ID") String id,
            @Option(names = "--after", defaultValue = "0", description = "Only events behind this seq.") long after,
            @Option(names = "--limit", defaultValue = "1000", description = "How many (default: 1000).") int limit) {
        Output output = server.output();
        try (ViberClient client = server.client()) {
            TaskEvents events = client.eventsNow(id, after, limit);
            for (Map<String, Object> event : events.items()) {
                Map<String, Object> rest = new HashMap<>(event);
                rest.keySet().removeAll(List.of("taskId", "seq", "at", "kind"));
                output.show(
                        event,
                        "%6s  %s  %-10s %s"
                                .formatted(
                                        event.get("seq"),
                                        event.get("at"),
                                        event.get("kind"),
                                        rest.isEmpty() ? "" : Output.brief(Json.write(rest), 120)));
            }
            if (events.next() != null) {
                output.line("there are more: --after " + events.next());
            }
        }
        return Exit.DONE;
    }

    private static int local(ServerOptions server, Function<LocalDaemon, Integer> call) {
        for (Path socket : server.discovery().sockets()) {
            Optional<LocalDaemon> found = LocalDaemon.at(socket);
            if (found.isPresent()) {
                try (LocalDaemon daemon = found.get()) {
                    if (daemon.call(Map.of("call", "status"), _ -> {}).containsKey("tasks")) {
                        return call.apply(daemon);
                    }
                }
            }
        }
        throw new CommandFailure(
                Exit.NO_SERVER,
                "no viber runs here that could have this task; start one (viber start), or name its --state");
    }
}
