package dev.viber.cli;

import dev.viber.api.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** The shell's prompt for a person: lines can be edited, are completed with Tab, and are kept for the next time. */
final class Prompt {
    private static final String HISTORY = "shell-history";

    private Prompt() {}

    /** Reads lines to the end and runs each; the worst exit code. Lines are kept in this folder. */
    static int converse(LocalDaemon daemon, Path folder, Output output) throws IOException {
        try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
            LineReader reader = LineReaderBuilder.builder()
                    .terminal(terminal)
                    .appName("viber")
                    .completer(new StringsCompleter(commands(daemon)))
                    .variable(LineReader.HISTORY_FILE, folder.resolve(HISTORY))
                    .build();
            int worst = Exit.DONE;
            while (true) {
                String line;
                try {
                    line = reader.readLine("viber> ").strip();
                } catch (UserInterruptException e) {
                    continue; // Ctrl-C takes back the line
                } catch (EndOfFileException e) {
                    return worst;
                }
                if (ShellCommand.ENDS.contains(line)) {
                    return worst;
                }
                if (!line.isEmpty()) {
                    worst = Math.max(worst, ShellCommand.run(daemon, line, output));
                }
            }
        }
    }

    /** The names of all commands there are, with and without their scope. */
    private static List<String> commands(LocalDaemon daemon) {
        List<String> names = new ArrayList<>(ShellCommand.ENDS);
        try {
            daemon.call(Map.of("call", "shell", "line", "help"), answer -> {
                String name = String.valueOf(answer.get("out")).strip();
                if (name.matches("[a-z]+:[A-Za-z]+")) {
                    names.add(name);
                    names.add(name.substring(name.indexOf(':') + 1));
                }
            });
        } catch (ProblemException e) {
            // Without a list of commands nothing is completed, and all else works.
            return names;
        }
        return names;
    }
}
