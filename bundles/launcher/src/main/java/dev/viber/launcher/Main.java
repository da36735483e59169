package dev.viber.launcher;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Starts a feature file by hand: {@code Main FEATURE.json home=DIR state=DIR [name=value]...}. */
public final class Main {
    private Main() {}

    /** Runs until SIGTERM; exit code 2 for a wrong call, 1 where the feature does not start. */
    public static void main(String[] args) throws InterruptedException {
        LogsToTheEnd.setUp(System.getenv());
        Map<String, String> variables = new HashMap<>();
        for (int i = 1; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            if (equals < 1) {
                fail(2, "'" + args[i] + "' is no name=value");
            }
            variables.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        String home = variables.get("home");
        String state = variables.get("state");
        if (args.length == 0 || home == null || state == null) {
            fail(2, "usage: FEATURE.json home=DIR state=DIR [name=value]...");
            return;
        }
        // Stdout carries the one line that says ready; whatever else prints goes to stderr.
        PrintStream stdout = System.out;
        System.setOut(System.err);
        LaunchRequest request = LaunchRequest.of(Path.of(home), Path.of(args[0]), Path.of(state), variables);
        try {
            Daemon.run(
                    request,
                    List.of(Path.of(state, "server.json")),
                    UnaryOperator.identity(),
                    announcement -> Daemon.printJson(stdout, announcement));
        } catch (LaunchException e) {
            fail(1, String.valueOf(e.getMessage()));
        }
    }

    private static void fail(int code, String message) {
        System.err.println("viber: " + message);
        System.exit(code);
    }
}
