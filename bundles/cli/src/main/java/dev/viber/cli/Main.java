package dev.viber.cli;

import dev.viber.launcher.LogsToTheEnd;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

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
            LoginCommand.class,
            RunCommand.class,
            StatusCommand.class,
            TaskCommand.class,
            ApprovalsCommand.class,
            VibersCommand.class,
            TokenCommand.class,
            AuditCommand.class,
            PluginCommand.class,
            ShellCommand.class,
            DoctorCommand.class,
            Version.class,
            CommandLine.HelpCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Main implements Callable<Integer> {
    @Spec
    @Nullable
    CommandSpec spec;

    private Main() {}

    /** Without a command there is nothing to do but to say which there are. */
    @Override
    public Integer call() {
        CommandLine line = Objects.requireNonNull(spec, "set by picocli").commandLine();
        line.usage(line.getErr());
        return Exit.USAGE;
    }

    /** Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server, 4 not allowed, 5 stopped, 6 out of time, 7 out of budget. */
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
