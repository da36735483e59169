package dev.viber.cli;

import dev.viber.launcher.LogsToTheEnd;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        versionProvider = Version.class)
public final class Main implements Callable<Integer> {
    /** By their names, in the order of the help; not in the annotation above, where all would be read at every start. */
    static final Map<String, Class<?>> COMMANDS = inOrder(List.of(
            Map.entry("up", UpCommand.class),
            Map.entry("server", ServerCommand.class),
            Map.entry("start", StartCommand.class),
            Map.entry("login", LoginCommand.class),
            Map.entry("run", RunCommand.class),
            Map.entry("status", StatusCommand.class),
            Map.entry("task", TaskCommand.class),
            Map.entry("approvals", ApprovalsCommand.class),
            Map.entry("vibers", VibersCommand.class),
            Map.entry("vms", VmsCommand.class),
            Map.entry("snapshots", SnapshotsCommand.class),
            Map.entry("pools", PoolsCommand.class),
            Map.entry("workloads", WorkloadsCommand.class),
            Map.entry("browsers", BrowsersCommand.class),
            Map.entry("events", EventsCommand.class),
            Map.entry("image", ImageCommand.class),
            Map.entry("setup", SetupCommand.class),
            Map.entry("token", TokenCommand.class),
            Map.entry("audit", AuditCommand.class),
            Map.entry("plugin", PluginCommand.class),
            Map.entry("shell", ShellCommand.class),
            Map.entry("doctor", DoctorCommand.class),
            Map.entry("aot", AotCommand.class),
            Map.entry("version", Version.class),
            Map.entry("help", CommandLine.HelpCommand.class),
            Map.entry("generate-completion", AutoComplete.GenerateCompletion.class)));

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
        System.exit(commandLine(args).execute(args));
    }

    /**
     * The command line, printing UTF-8 whatever the locale.
     *
     * @param args what will be asked of it: where the first word is a command, the others, which it takes reflection to
     *     read, are left out
     */
    static CommandLine commandLine(String... args) {
        // Help tells of all.
        Class<?> asked = args.length == 0 || args[0].equals("help") ? null : COMMANDS.get(args[0]);
        Collection<Class<?>> commands = asked == null ? COMMANDS.values() : List.of(asked);
        CommandLine line = new CommandLine(new Main());
        commands.forEach(line::addSubcommand);
        Failures failures = new Failures();
        return line.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures);
    }

    private static Map<String, Class<?>> inOrder(List<Map.Entry<String, ? extends Class<?>>> entries) {
        Map<String, Class<?>> out = new LinkedHashMap<>();
        entries.forEach(each -> out.put(each.getKey(), each.getValue()));
        return Collections.unmodifiableMap(out);
    }
}
