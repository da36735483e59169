package dev.viber.cli;

import dev.viber.api.rest.TaskRequest;
import dev.viber.api.task.Task;
import dev.viber.client.ViberClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** A fresh machine's first task: it looks around in the workspace, changes nothing, and shows that all is well. */
final class FirstTask {
    private static final String PLAYBOOK = "first-task.yaml";
    private static final String EXAMPLE = "docs/examples/hello.yaml";

    private FirstTask() {}

    /** Runs it where the gateway has no task yet, then says how to go on; {@code named} where the state folder was. */
    static DaemonOptions.Then in(Path state, boolean named) {
        return (announcement, output) -> {
            URI api = URI.create(String.valueOf(announcement.get("api")));
            URI here = URI.create(String.valueOf(announcement.getOrDefault("local", api)));
            Path tokenFile = state.resolve("owner.token");
            try (ViberClient client =
                    new ViberClient(here, Files.readString(tokenFile).strip())) {
                if (client.tasks(Map.of("limit", 1)).items().isEmpty()) {
                    run(client, output);
                }
            }
            String next = Hint.command("run", "-f", playbookHere()) + (named ? " --state " + state : "");
            output.line("");
            output.line("api:    " + api);
            output.line("token:  " + tokenFile);
            output.line("logs:   " + state.resolve("logs"));
            output.line("go on, in another terminal:  " + next);
            output.object(Map.of("api", api.toString(), "tokenFile", tokenFile.toString(), "next", next));
        };
    }

    /** The first example, where this is a checkout. */
    private static String playbookHere() {
        return Files.isRegularFile(Path.of(EXAMPLE)) ? EXAMPLE : "PLAYBOOK";
    }

    private static void run(ViberClient client, Output output) throws IOException {
        // The key lets a start that was cut off before its end find the task again in place of a second one.
        Task task = client.submit(
                new TaskRequest("Look around in the workspace", null, Map.of("playbook", playbook())), "first-task");
        output.line("a first task: " + task.goal());
        Following.watch(client, task.id(), 0, output);
    }

    static String playbook() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                FirstTask.class.getResourceAsStream(PLAYBOOK), "the first task's playbook is not in the jar")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
