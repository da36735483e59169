package dev.viber.cli;

import dev.viber.api.task.Task;
import dev.viber.client.TaskEvent;
import dev.viber.client.TaskEventStream;
import dev.viber.client.ViberClient;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Follows a task to its end, wherever it runs, and tells how it ended. */
final class Following {
    /** Begins the ids of tasks without a gateway. */
    static final String LOCAL = "local-";

    private Following() {}

    /** A task of a server; the exit code. */
    static int remote(ViberClient client, String taskId, long after, Output output, @Nullable Duration atMost) {
        TaskProgress progress = new TaskProgress(output);
        try (TaskEventStream events = client.events(taskId, after);
                Patience patience = new Patience(atMost, () -> client.stop(taskId), events::close);
                Parting _ = new Parting(output, goesOn(taskId), stopIt(taskId))) {
            for (TaskEvent event : events) {
                progress.show(event.data());
            }
            if (patience.isOver()) {
                output.note("out of time; the task was told to stop");
                return Exit.OUT_OF_TIME;
            }
        }
        return progress.isEnded()
                ? progress.exitCode()
                : ended(client.task(taskId).status());
    }

    /** A task of a server whose end alone is told; the exit code. When the time is up the task goes on. */
    static int await(ViberClient client, String taskId, Output output, @Nullable Duration atMost) {
        client.task(taskId);
        try (Progress progress = Progress.ofSteps(output, taskId, -1);
                TaskEventStream events = client.events(taskId, 0);
                Patience patience = new Patience(atMost, events::close, () -> {});
                Parting _ = new Parting(output, goesOn(taskId))) {
            TaskWaiting waiting = new TaskWaiting(progress);
            for (TaskEvent event : events) {
                waiting.take(event.data());
            }
            if (patience.isOver()) {
                output.note("out of time; " + goesOn(taskId));
                return Exit.OUT_OF_TIME;
            }
        }
        Task now = client.task(taskId);
        output.show(now, "task %s %s%s".formatted(taskId, now.status(), now.error() == null ? "" : ": " + now.error()));
        return now.phase().equals("dead") ? Exit.OUT_OF_TIME : ended(now.status());
    }

    /** A task of a server that lives and dies with this process; the exit code. */
    static int watch(ViberClient client, String taskId, long after, Output output) {
        TaskProgress progress = new TaskProgress(output);
        try (TaskEventStream events = client.events(taskId, after)) {
            for (TaskEvent event : events) {
                progress.show(event.data());
            }
        }
        return progress.exitCode();
    }

    private static int ended(String status) {
        return switch (status) {
            case "completed" -> Exit.DONE;
            case "stopped" -> Exit.STOPPED;
            default -> Exit.FAILED;
        };
    }

    /**
     * A task handed to, or found at, a local process; the exit code.
     *
     * @param alone whether the process is this one, and ends with the command
     */
    static int local(
            LocalDaemon daemon, String taskId, long after, Output output, @Nullable Duration atMost, boolean alone) {
        TaskProgress progress = new TaskProgress(output);
        String[] parting = alone
                ? new String[] {
                    "task " + taskId + " is kept, and goes on when a viber runs on this state folder ("
                            + Hint.command("start") + ")"
                }
                : new String[] {goesOn(taskId), stopIt(taskId)};
        try (Patience patience = new Patience(atMost, () -> stop(daemon, taskId), daemon::close);
                Parting _ = new Parting(output, parting)) {
            try {
                daemon.call(Map.of("call", "follow", "taskId", taskId, "after", after), progress::show);
            } catch (CommandFailure e) {
                if (!patience.isOver()) {
                    throw e;
                }
            }
            if (patience.isOver()) {
                output.note("out of time; the task was told to stop");
                return Exit.OUT_OF_TIME;
            }
        }
        return progress.exitCode();
    }

    private static String goesOn(String taskId) {
        return "the task goes on without this command; follow it with '" + Hint.command("task", "follow", taskId) + "'";
    }

    private static String stopIt(String taskId) {
        return "stop it with '" + Hint.command("task", "stop", taskId) + "'";
    }

    private static void stop(LocalDaemon daemon, String taskId) {
        // The first connection is taken up by the events.
        Optional<LocalDaemon> second = LocalDaemon.at(daemon.file());
        if (second.isPresent()) {
            try (LocalDaemon connection = second.get()) {
                connection.call(Map.of("call", "stop", "taskId", taskId), _ -> {});
            }
        }
    }
}
