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
            boolean person = !output.json() && isTerminal();
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            int worst = Exit.DONE;
            prompt(person, output);
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (List.of("exit", "quit").contains(line.strip())) {
                    break;
                }
                if (!line.isBlank()) {
                    worst = Math.max(worst, run(daemon, line, output));
                }
                prompt(person, output);
            }
            return worst;
        }
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private static void prompt(boolean person, Output output) {
        if (person) {
            output.out().print("viber> ");
            output.out().flush();
        }
    }

    private static int run(LocalDaemon daemon, String line, Output output) {
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
