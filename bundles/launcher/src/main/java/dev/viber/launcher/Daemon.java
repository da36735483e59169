package dev.viber.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A feature as the one thing a process does: started, announced once it serves, stopped in order at SIGTERM.
 *
 * <p>The announcement, on stdout, in the ready file and to systemd, is one object: {@code ready}, what the parts say, {@code
 * pid} and {@code ms} since the process began.
 */
public final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private Daemon() {}

    /**
     * Runs the feature until the process is told to end or the framework is stopped from within.
     *
     * @param readyFiles where the announcement is kept while it serves, such as {@code <state>/server.json}
     * @param announced turns the parts' facts into what is announced
     * @param line prints the announcement, once
     */
    public static void run(
            LaunchRequest request,
            List<Path> readyFiles,
            UnaryOperator<Map<String, Object>> announced,
            java.util.function.Consumer<Map<String, Object>> line)
            throws LaunchException, InterruptedException {
        Running running = Launcher.start(request);
        long ms = sinceProcessStart().toMillis();
        List<ReadyFile> files = readyFiles.stream().map(ReadyFile::new).toList();
        running.stopAtExit(() -> {
            ServiceNotice.send(request.environment(), "STOPPING=1");
            files.forEach(Daemon::remove);
        });
        running.onFacts(facts -> files.forEach(file -> write(file, announcement(announced.apply(facts), ms))));
        Map<String, Object> announcement = announcement(announced.apply(running.facts()), ms);
        LOG.debug("Started: {}", running.timings());
        ServiceNotice.send(request.environment(), "READY=1");
        line.accept(announcement);
        Watchdog watchdog = Watchdog.start(request.environment(), running);
        try {
            running.awaitStop();
        } finally {
            watchdog.close();
        }
    }

    /** One JSON object on a line of its own. */
    public static void printJson(PrintStream out, Map<String, ?> object) {
        out.println(Feature.JSON.writeValueAsString(object));
        out.flush();
    }

    private static Map<String, Object> announcement(Map<String, Object> facts, long ms) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("ready", true);
        out.putAll(facts);
        out.put("pid", ProcessHandle.current().pid());
        out.put("ms", ms);
        return out;
    }

    private static Duration sinceProcessStart() {
        Instant now = Instant.now();
        return Duration.between(ProcessHandle.current().info().startInstant().orElse(now), now);
    }

    private static void write(ReadyFile file, Map<String, Object> facts) {
        try {
            file.write(facts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void remove(ReadyFile file) {
        try {
            file.close();
        } catch (IOException e) {
            LOG.warn("The ready file stays behind", e);
        }
    }
}
