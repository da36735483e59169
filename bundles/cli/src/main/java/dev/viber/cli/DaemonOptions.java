package dev.viber.cli;

import dev.viber.api.net.Transport;
import dev.viber.launcher.Daemon;
import dev.viber.launcher.LaunchException;
import dev.viber.launcher.LaunchRequest;
import dev.viber.launcher.LogsToTheEnd;
import java.io.Console;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What all commands that stay have in common: state folder, output form, and how a feature becomes the process. */
final class DaemonOptions {
    private static final String DEFAULT_LISTEN = "127.0.0.1:7777";
    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\s]+):[0-9]{1,5}");

    @Option(names = "--state", paramLabel = "DIR", description = "State folder; else VIBER_STATE, else the user's own.")
    @Nullable
    Path state;

    @Option(names = "--json", description = "Every line on stdout is one JSON object.")
    boolean json;

    @Option(names = "--until-eof", hidden = true, description = "Stop when stdin ends.")
    boolean untilEof;

    /** The state folder, absolute. */
    Path state(String name) {
        return (state != null
                        ? state
                        : StateFolders.of(name, System.getenv(), Path.of(System.getProperty("user.home"))))
                .toAbsolutePath()
                .normalize();
    }

    /** Where to listen: what was asked for, else the environment's, else the default. */
    static String listen(@Nullable String asked) {
        String listen = asked != null ? asked : System.getenv().getOrDefault("VIPER_API_LISTEN", DEFAULT_LISTEN);
        String address = listen.startsWith(":") ? "127.0.0.1" + listen : listen;
        if (!ADDRESS.matcher(address).matches()) {
            throw new CommandFailure(
                    Exit.USAGE, "--listen is '%s'; wanted HOST:PORT, such as %s".formatted(listen, DEFAULT_LISTEN));
        }
        return address;
    }

    /** Where the listener without credentials is to be; empty for nowhere. */
    static String legacyListen(@Nullable String asked) {
        if (asked == null) {
            return "";
        }
        String address = asked.startsWith(":") ? "127.0.0.1" + asked : asked;
        if (!ADDRESS.matcher(address).matches()
                || !Transport.isLoopback(address.substring(0, address.lastIndexOf(':')))) {
            throw new CommandFailure(
                    Exit.USAGE,
                    "--legacy-listen is '%s', and asks nobody for a token; wanted HOST:PORT of loopback, such as 127.0.0.1:7778"
                            .formatted(asked));
        }
        return address;
    }

    /** The gateway's database, where the environment names one; else it is in the state folder. */
    static Map<String, String> database() {
        String named = System.getenv().getOrDefault("VIPER_DB_PATH", "");
        return named.isBlank()
                ? Map.of()
                : Map.of("db", Path.of(named).toAbsolutePath().normalize().toString());
    }

    /** What is to be done once all is ready, beside the process's own work. */
    interface Then {
        /** Does it, telling what it does there. */
        void ready(Map<String, Object> announcement, Output output) throws Exception;
    }

    /** Becomes the feature; returns when it has stopped. */
    void run(String feature, Path folder, List<Path> owned, Map<String, String> variables, Path readyFile)
            throws LaunchException, InterruptedException {
        run(feature, folder, owned, variables, List.of(readyFile), (_, _) -> {});
    }

    /** Becomes the feature, and does one thing more when it is ready; returns when it has stopped. */
    void run(
            String feature,
            Path folder,
            List<Path> owned,
            Map<String, String> variables,
            List<Path> readyFiles,
            Then then)
            throws LaunchException, InterruptedException {
        if (untilEof) {
            Eof.exit();
        }
        // Stdout carries the one line that says ready; whatever a library prints goes to stderr.
        PrintStream stdout = System.out;
        System.setOut(System.err);
        Path home = Path.of(System.getProperty("viber.home", "."));
        LaunchRequest request = LaunchRequest.of(
                        home, home.resolve("features").resolve(feature + ".json"), folder, variables)
                .owning(owned);
        LogsToTheEnd.keepIn(folder.resolve("logs"), !json && isTerminal());
        Daemon.run(request, readyFiles, DaemonOptions::addresses, announcement -> {
            if (json) {
                Daemon.printJson(stdout, announcement);
            } else {
                stdout.println("ready: " + name(announcement, feature) + " (pid " + announcement.get("pid") + ", "
                        + announcement.get("ms") + " ms)");
                stdout.flush();
            }
            Output output = new Output(
                    new PrintWriter(stdout, true, StandardCharsets.UTF_8),
                    new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                    json);
            AotLater.trainIfMissing();
            Thread.ofVirtual().name("when-ready").start(() -> {
                try {
                    then.ready(announcement, output);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (Exception e) {
                    Failures.tell(e, output.err());
                }
            });
        });
    }

    private static Object name(Map<String, Object> announcement, String feature) {
        Object api = announcement.get("api");
        if (api != null) {
            return api;
        }
        Object viber = announcement.getOrDefault("viberId", feature);
        return Boolean.TRUE.equals(announcement.get("connected"))
                ? viber + " at " + announcement.get("server")
                : viber + ", not connected";
    }

    @SuppressWarnings("SystemConsoleNull") // it is null in a runtime without the module jdk.internal.le
    static boolean isTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** Host and port as the addresses clients and vibers use. */
    private static Map<String, Object> addresses(Map<String, Object> facts) {
        Map<String, Object> out = new LinkedHashMap<>();
        Object host = facts.get("host");
        Object port = facts.get("port");
        if (host != null && port != null) {
            String name = host.toString();
            String authority = (name.contains(":") && !name.startsWith("[") ? "[" + name + "]" : name) + ":" + port;
            String secure = Boolean.TRUE.equals(facts.get("secure")) ? "s" : "";
            out.put("api", "http" + secure + "://" + authority + "/api/v1");
            out.put("ws", "ws" + secure + "://" + authority + "/vibers/ws");
        }
        if (facts.get("plainPort") != null) {
            out.put("local", "http://127.0.0.1:" + facts.get("plainPort") + "/api/v1");
        }
        if (facts.get("legacyPort") != null) {
            out.put("legacy", "http://127.0.0.1:" + facts.get("legacyPort"));
        }
        facts.forEach(out::putIfAbsent);
        List.of("host", "port", "secure", "plainPort", "legacyPort").forEach(out::remove);
        return out;
    }
}
