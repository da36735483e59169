package dev.viber.cli;

import dev.viber.launcher.LogsToTheEnd;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code viber}. */
@Command(
        name = "viber",
        description = "A gateway that remembers, vibers that dial out and work.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            UpCommand.class,
            ServerCommand.class,
            StartCommand.class,
            RunCommand.class,
            StatusCommand.class,
            TaskCommand.class,
            ApprovalsCommand.class,
            VibersCommand.class,
            TokenCommand.class,
            ShellCommand.class,
            DoctorCommand.class,
            Version.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Main {
    private Main() {}

    /** Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server, 4 not allowed, 5 stopped, 6 out of time. */
    public static void main(String[] args) {
        LogsToTheEnd.setUp(System.getenv());
        System.exit(commandLine().execute(args));
    }

    /** The command line, printing UTF-8 whatever the locale. */
    static CommandLine commandLine() {
        Failures failures = new Failures();
        return new CommandLine(new Main())
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }
}
