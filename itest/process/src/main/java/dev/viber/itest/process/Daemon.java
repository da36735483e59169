package dev.viber.itest.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A process under test: started, listened to, ended. Its stderr goes to a file under {@code target/process-logs}. */
final class Daemon implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Path LOGS = Path.of(System.getProperty("basedir", "."), "target", "process-logs");
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final Queue<Process> ALIVE = new ConcurrentLinkedQueue<>();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ALIVE.forEach(Process::destroyForcibly)));
    }

    private final Process process;
    private final Path log;
    private final String name;
    private final LinkedBlockingQueue<JsonNode> lines = new LinkedBlockingQueue<>();
    private final CompletableFuture<JsonNode> ready = new CompletableFuture<>();

    private Daemon(String name, List<String> command, Map<String, String> environment) throws IOException {
        this.name = name;
        Files.createDirectories(LOGS);
        log = LOGS.resolve("%s-%03d.log".formatted(name, STARTED.incrementAndGet()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(key -> key.startsWith("VIBER_") || key.startsWith("VIPER_"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        // No training beside what is measured, traced and killed here.
        builder.environment().put("VIBER_AOT", "off");
        builder.environment().putAll(environment);
        process = builder.redirectError(log.toFile()).start();
        ALIVE.add(process);
    }

    /** Starts any command whose stdout is JSON lines. */
    static Daemon start(String name, List<String> command, Map<String, String> environment) throws IOException {
        Daemon daemon = new Daemon(name, command, environment);
        // Of its own: one that reads a pipe holds its carrier, and there are as many of those as processors.
        Thread.ofPlatform().daemon().name(name + "-stdout").start(daemon::listen);
        return daemon;
    }

    /** The {@code viber} command of the distribution with these arguments. */
    static List<String> viber(String... arguments) {
        Path home = Path.of(System.getProperty("viber.home", "../../distribution/target/viber"));
        return Stream.concat(
                        Stream.of(home.resolve("bin/viber")
                                .toAbsolutePath()
                                .normalize()
                                .toString()),
                        Stream.of(arguments))
                .toList();
    }

    private void listen() {
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                JsonNode json = Rest.JSON.readTree(line);
                lines.add(json);
                if (json.path("ready").asBoolean(false)) {
                    ready.complete(json);
                }
            }
            ready.completeExceptionally(new IOException(name + " ended before it was ready"));
        } catch (IOException | RuntimeException e) {
            ready.completeExceptionally(e);
        }
    }

    /** The line that says it serves. */
    JsonNode ready() throws InterruptedException {
        try {
            return ready.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(name + " is not ready; " + logTail(), e);
        }
    }

    /** The next line on stdout. */
    JsonNode line() throws InterruptedException {
        JsonNode line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (line == null) {
            throw new IllegalStateException(name + " printed nothing more; " + logTail());
        }
        return line;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    // The process that serves may be a child of the one started: under strace.
    private ProcessHandle serving() {
        boolean known = ready.isDone() && !ready.isCompletedExceptionally();
        return known
                ? ProcessHandle.of(ready.join().path("pid").asLong()).orElse(process.toHandle())
                : process.toHandle();
    }

    /** SIGKILL; returns when the process is gone. */
    void kill() throws InterruptedException {
        serving().destroyForcibly();
        awaitExit();
    }

    /** SIGTERM; returns the exit code. */
    int terminate() throws InterruptedException {
        serving().destroy();
        return awaitExit();
    }

    /** Waits for the end of the process; its exit code. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(name + " does not end; " + logTail());
        }
        ALIVE.remove(process);
        return process.exitValue();
    }

    /** All it has said on stderr. */
    String log() throws IOException {
        return Files.readString(log, StandardCharsets.UTF_8);
    }

    /** The last lines of its stderr, for people. */
    String logTail() {
        try {
            List<String> all = Files.readAllLines(log, StandardCharsets.UTF_8);
            return "the end of %s:%n%s"
                    .formatted(log, String.join("\n", all.subList(Math.max(0, all.size() - 40), all.size())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many entries {@code /proc/<pid>/<what>} has. */
    static int count(long pid, String what) {
        try (Stream<Path> entries = Files.list(Path.of("/proc", Long.toString(pid), what))) {
            return (int) entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        ALIVE.remove(process);
    }
}
