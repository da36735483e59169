package dev.viber.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Makes the caches by a throw-away run: a gateway with a viber on a free port does its first task and answers commands, and
 * the JVMs of both sides write down what they loaded.
 *
 * <p>It is a trial of the distribution too: what does not start, or does not answer, fails it. Nothing outlives it: the
 * daemon ends with this process, however that ends.
 */
final class AotTraining {
    /** Against a hang only; on a machine with much else to do it takes many times the usual ten seconds. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private static final Duration FORGOTTEN = Duration.ofDays(30);
    private static final String FRESH = ".training-";

    private final AotCache cache;

    AotTraining(AotCache cache) {
        this.cache = cache;
    }

    /** How it came out. */
    enum Outcome {
        TRAINED,
        /** Another process is at it. */
        ELSEWHERE,
        /** All ran, but this JVM wrote no cache. */
        NO_CACHE
    }

    /**
     * Trains; caches become visible only when they are whole.
     *
     * @throws CommandFailure where the distribution does not run, or no folder can be written
     */
    Outcome run() throws IOException, InterruptedException {
        Path parent = cache.parent();
        Files.createDirectories(parent);
        try (FileChannel file =
                        FileChannel.open(parent.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = file.tryLock()) {
            if (lock == null) {
                return Outcome.ELSEWHERE;
            }
            sweep(parent);
            Path work = Files.createTempDirectory(parent, FRESH);
            // Elsewhere, for a socket's path may not be longer than a hundred bytes.
            Path run = Files.createTempDirectory("viber");
            Runnable leave = () -> {
                ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
                delete(work);
                delete(run);
            };
            Thread atExit = Thread.ofPlatform().unstarted(leave);
            Runtime.getRuntime().addShutdownHook(atExit);
            try {
                rehearse(work, run);
                return keep(work, parent) ? Outcome.TRAINED : Outcome.NO_CACHE;
            } finally {
                leave.run();
                letGo(atExit);
            }
        }
    }

    private void rehearse(Path work, Path run) throws IOException, InterruptedException {
        Path state = run.resolve("state");
        Path place = Files.createDirectory(run.resolve("work"));
        List<String> up =
                List.of("up", "--listen", "127.0.0.1:0", "--state", state.toString(), "--workspace", place.toString());
        Process daemon = start(work, "daemon", up, "--json", "--until-eof");
        try {
            String api = awaitFirstTask(daemon, work);
            Process client = start(work, "client", List.of("aot", "--rehearse", api, "--state", state.toString()));
            await(client, "the commands", work, "client");
            daemon.getOutputStream().close(); // it ends, and its JVM writes the cache
            await(daemon, "the daemon", work, "daemon");
        } finally {
            // Children first: a JVM's last work is that of a child of its own.
            daemon.descendants().forEach(ProcessHandle::destroyForcibly);
            daemon.destroyForcibly();
        }
    }

    private Process start(Path work, String kind, List<String> command, String... more) throws IOException {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");
        List<String> words = new ArrayList<>();
        words.add(cache.home()
                .resolve("bin")
                .resolve(windows ? "viber.cmd" : "viber")
                .toString());
        words.addAll(command);
        words.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(words);
        Map<String, String> environment = builder.environment();
        environment
                .keySet()
                .removeIf(name -> (name.startsWith("VIBER_") && !name.startsWith("VIBER_JAVA_"))
                        || name.startsWith("VIPER_")
                        || name.equals("NOTIFY_SOCKET")
                        || name.startsWith("WATCHDOG_"));
        environment.put("VIBER_AOT_OUTPUT", work.resolve(kind + ".aot").toString());
        return builder.redirectError(work.resolve(kind + ".log").toFile()).start();
    }

    /** The address under which the daemon serves, once it has done its first task. */
    private static String awaitFirstTask(Process daemon, Path work) throws IOException, InterruptedException {
        BufferedReader lines = daemon.inputReader();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Map<String, Object> said = line.startsWith("{") ? Json.object(line) : Map.of();
            if (said.containsKey("next")) {
                drain(daemon, lines);
                return String.valueOf(said.get("api"));
            }
        }
        daemon.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        throw new CommandFailure(Exit.FAILED, "a throw-away start failed: " + lastLines(work, "daemon"));
    }

    private static void await(Process process, String what, Path work, String kind)
            throws IOException, InterruptedException {
        drain(process, process.inputReader());
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new CommandFailure(Exit.FAILED, what + " did not end within " + PATIENCE.toMinutes() + " minutes");
        }
        if (process.exitValue() != 0) {
            throw new CommandFailure(
                    Exit.FAILED, what + " ended with exit code " + process.exitValue() + ": " + lastLines(work, kind));
        }
    }

    /** Reads what is said, or the pipe would fill. */
    private static void drain(Process process, BufferedReader lines) {
        Thread.ofVirtual().start(() -> {
            try {
                while (lines.readLine() != null) {
                    // nobody wants to know
                }
            } catch (IOException e) {
                process.destroyForcibly();
            }
        });
    }

    private static String lastLines(Path work, String kind) throws IOException {
        // The JVM that writes a cache tells of the options it was given.
        List<String> lines = Files.readAllLines(work.resolve(kind + ".log")).stream()
                .filter(line -> !line.startsWith("Picked up JAVA_TOOL_OPTIONS"))
                .toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    }

    private boolean keep(Path work, Path parent) throws IOException {
        List<String> caches = List.of("daemon.aot", "client.aot");
        for (String each : caches) {
            if (!Files.isRegularFile(work.resolve(each))) {
                return false;
            }
        }
        Path folder = Files.createDirectories(parent.resolve(cache.key()));
        for (String each : caches) {
            Files.move(work.resolve(each), folder.resolve(each), StandardCopyOption.ATOMIC_MOVE);
        }
        cache.finish(folder);
        return true;
    }

    /** Takes away what trainings left that were killed, and the caches of distributions long gone. */
    private void sweep(Path parent) throws IOException {
        Instant old = Instant.now().minus(FORGOTTEN);
        try (Stream<Path> folders = Files.list(parent)) {
            for (Path folder : folders.filter(Files::isDirectory).toList()) {
                String name = folder.getFileName().toString();
                boolean ours = name.equals(cache.key());
                if (name.startsWith(FRESH)
                        || (!ours
                                && Files.getLastModifiedTime(folder).toInstant().isBefore(old))) {
                    delete(folder);
                }
            }
        }
    }

    private static void letGo(Thread atExit) {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            atExit.interrupt(); // the process is ending: the hook's second turn finds nothing
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException | UncheckedIOException e) {
            // A file that comes while we delete; the next training sweeps.
        }
    }
}
