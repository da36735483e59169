package dev.viber.cli;

import dev.viber.launcher.LaunchException;
import dev.viber.launcher.LaunchRequest;
import dev.viber.launcher.Launcher;
import dev.viber.launcher.LogsToTheEnd;
import dev.viber.launcher.Running;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A viber inside this very process, without a gateway, for as long as one command runs. */
final class Alone implements AutoCloseable {
    private final Path state;
    private final Running running;
    private final Thread hook;

    Alone(Path state, Path workspace) throws LaunchException {
        this.state = state;
        // Stdout is the command's own; whatever a library prints goes to stderr.
        System.setOut(System.err);
        Map<String, String> variables = new HashMap<>();
        variables.put("viber.state", state.toString());
        variables.put("workspace", workspace.toAbsolutePath().normalize().toString());
        for (String unset : List.of("server", "token", "id", "name")) {
            variables.put(unset, "");
        }
        LogsToTheEnd.keepIn(state.resolve("logs"), true);
        Path home = Path.of(System.getProperty("viber.home", "."));
        running =
                Launcher.start(LaunchRequest.of(home, home.resolve("features").resolve("viber.json"), state, variables)
                        .owning(List.of(state)));
        hook = Thread.ofPlatform().unstarted(running::close);
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** A connection to it, by the same socket that others would use. */
    LocalDaemon daemon() {
        Path socket = Discovery.socket(state);
        return LocalDaemon.at(socket)
                .orElseThrow(() ->
                        new CommandFailure(Exit.FAILED, "the viber in this process does not answer on " + socket));
    }

    @Override
    public void close() {
        running.close();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            hook.interrupt(); // the process is ending: the hook's second close does nothing
        }
    }
}
