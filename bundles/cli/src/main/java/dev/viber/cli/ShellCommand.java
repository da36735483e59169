package dev.viber.cli;

import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code viber shell}: the OSGi shell of a running process. */
@Command(
        name = "shell",
        description = "The OSGi shell of a process that runs here: lb, install, start, update, stop, uninstall...",
        mixinStandardHelpOptions = true)
final class ShellCommand implements Callable<Integer> {
    /** What ends the conversation. */
    static final List<String> ENDS = List.of("exit", "quit");

    @Mixin
    ServerOptions server = new ServerOptions();

    @Option(
            names = "--socket",
            paramLabel = "FILE",
            description = "The process's socket (default: of the state folder).")
    @Nullable
    Path socket;

    @Parameters(arity = "0..*", paramLabel = "LINE", description = "What to do; else lines of stdin.")
    List<String> words = List.of();

    @Override
    public Integer call() throws IOException {
        Output output = server.output();
        try (LocalDaemon daemon = daemon()) {
            if (!words.isEmpty()) {
                return run(daemon, String.join(" ", words), output);
            }
            if (!output.json() && isTerminal()) {
                return Prompt.converse(daemon, server.discovery().serverState(), output);
            }
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            int worst = Exit.DONE;
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (ENDS.contains(line.strip())) {
                    break;
                }
                if (!line.isBlank()) {
                    worst = Math.max(worst, run(daemon, line, output));
                }
            }
            return worst;
        }
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    /** Runs one line in the process; the exit code. */
    static int run(LocalDaemon daemon, String line, Output output) {
        try {
            daemon.call(
                    Map.of("call", "shell", "line", line),
                    answer -> output.show(answer, String.valueOf(answer.get("out"))));
            return Exit.DONE;
        } catch (dev.viber.api.problem.ProblemException e) {
            return Failures.tell(e, output.err());
        }
    }

    private LocalDaemon daemon() {
        Set<Path> places = socket == null ? server.discovery().sockets() : Set.of(socket);
        for (Path place : places) {
            Optional<LocalDaemon> found = LocalDaemon.at(place);
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new CommandFailure(Exit.NO_SERVER, "no process answers on " + places);
    }
}
