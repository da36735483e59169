package dev.viber.cli;

import dev.viber.api.rest.TaskRequest;
import dev.viber.api.task.Budget;
import dev.viber.api.task.Task;
import dev.viber.api.trace.TraceContext;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viber run}: one task, shown to its end. */
@Command(
        name = "run",
        description = "Run a task and show it to its end.",
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:completed",
            "1:failed",
            "2:wrong usage",
            "3:no server",
            "4:not allowed",
            "5:stopped",
            "6:out of time",
            "7:out of budget"
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    ServerOptions server = new ServerOptions();

    @Parameters(arity = "0..1", paramLabel = "GOAL", description = "What is to be done, in words.")
    @Nullable
    String goal;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "A playbook; - for stdin.")
    @Nullable
    Path file;

    @Option(
            names = {"-i", "--input"},
            paramLabel = "NAME=VALUE",
            description = "A value for an input of the playbook.")
    Map<String, String> inputs = new LinkedHashMap<>();

    @Option(names = "--viber", paramLabel = "ID", description = "The viber that is to do it.")
    @Nullable
    String viber;

    @Option(names = "--detach", description = "Hand the task in and do not wait for it.")
    boolean detach;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Times.DurationReader.class,
            description = "Stop the task after this time, such as 30s or 1h30m.")
    @Nullable
    Duration timeout;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            converter = Times.InstantReader.class,
            description = "Give the task up at this instant, or this time from now.")
    @Nullable
    Instant deadline;

    @Option(
            names = "--budget",
            paramLabel = "NAME=LIMIT",
            description = "A limit of what the task may spend: steps=N, toolCalls=N, wall=TIME.")
    Map<String, String> budget = new LinkedHashMap<>();

    @Option(
            names = "--workspace",
            paramLabel = "DIR",
            description = "Where the tools work if the task is run by this very process (default: this folder).")
    Path workspace = Path.of("");

    @Override
    public Integer call() throws Exception {
        Output output = server.output();
        if (goal == null && file == null) {
            throw new CommandFailure(Exit.USAGE, "nothing to run: say GOAL, or -f FILE with a playbook");
        }
        Map<String, Object> options = options();
        String name = file == null || file.toString().equals("-") ? "a playbook" : file.toString();
        String what = goal != null ? goal : "Run " + name;
        if (detach || viber != null || server.discovery().named(server.server) != null) {
            return remote(new TaskRequest(what, viber, options.isEmpty() ? null : options), output);
        }
        return local(what, options, output);
    }

    private Map<String, Object> options() throws IOException {
        Map<String, Object> options = new LinkedHashMap<>();
        if (file != null) {
            options.put("playbook", playbook(file));
        }
        if (!inputs.isEmpty()) {
            if (file == null) {
                throw new CommandFailure(Exit.USAGE, "--input goes with a playbook: say -f FILE");
            }
            options.put("inputs", inputs);
        }
        if (!budget.isEmpty()) {
            Budget.of(budget, "/budget");
            options.put("budget", budget);
        }
        if (deadline != null) {
            options.put("deadline", deadline.toString());
        }
        return options;
    }

    private static String playbook(Path file) throws IOException {
        if (file.toString().equals("-")) {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        }
        if (!Files.isRegularFile(file)) {
            throw new CommandFailure(Exit.USAGE, "there is no file " + file);
        }
        return Files.readString(file);
    }

    private int remote(TaskRequest request, Output output) {
        try (ViberClient client = server.client()) {
            Task task = client.submit(request, null, span());
            if (detach) {
                output.show(
                        task,
                        "task " + task.id() + " is taken in; follow it with '"
                                + Hint.command("task", "follow", task.id()) + "'");
                return Exit.DONE;
            }
            output.line("task " + task.id());
            return Following.remote(client, task.id(), 0, output, timeout);
        }
    }

    private int local(String what, Map<String, Object> options, Output output) throws Exception {
        for (Path socket : server.discovery().sockets()) {
            Optional<LocalDaemon> found = LocalDaemon.at(socket);
            if (found.isPresent()) {
                try (LocalDaemon daemon = found.get()) {
                    Map<String, Object> status = daemon.call(Map.of("call", "status"), _ -> {});
                    if (status.containsKey("tasks")) {
                        output.line("run by the viber of process " + status.get("pid"));
                        return handOver(daemon, what, options, output, false);
                    }
                }
            }
        }
        try (Alone alone = new Alone(server.discovery().viberState(), workspace);
                LocalDaemon daemon = alone.daemon()) {
            return handOver(daemon, what, options, output, true);
        }
    }

    private int handOver(LocalDaemon daemon, String what, Map<String, Object> options, Output output, boolean alone) {
        Map<String, Object> begun = daemon.call(
                Map.of("call", "begin", "goal", what, "options", options, TraceContext.HEADER, span().toString()),
                _ -> {});
        String taskId = String.valueOf(begun.get("taskId"));
        output.line("task " + taskId);
        return Following.local(daemon, taskId, 0, output, soonest(), alone);
    }

    /** The span of this command: of the trace that {@code TRACEPARENT} names, as other tools do, or of a new one. */
    private static TraceContext span() {
        return TraceContext.parse(System.getenv("TRACEPARENT"))
                .map(TraceContext::child)
                .orElseGet(TraceContext::begin);
    }

    /** Without a gateway nobody else minds the deadline. */
    private @Nullable Duration soonest() {
        if (deadline == null) {
            return timeout;
        }
        Duration left = Duration.between(Instant.now(), deadline);
        return timeout != null && timeout.compareTo(left) < 0 ? timeout : left;
    }
}
