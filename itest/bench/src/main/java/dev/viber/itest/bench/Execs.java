package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When processes were forked, began a program and ended, as the kernel's own trace points have it: to the microsecond, on
 * the clock of {@link System#nanoTime}, and without a change to what is measured. The start time in {@code /proc} has
 * steps of 10 ms.
 */
final class Execs implements AutoCloseable {
    enum Kind {
        FORK,
        EXEC,
        EXIT
    }

    /**
     * One of them.
     *
     * @param nanos on the clock of {@link System#nanoTime}
     * @param by the process in which it happened: of a fork, the one that forked
     * @param pid of the process it happened to: of a fork, the new one
     * @param program the path, of an exec; else empty
     */
    record Seen(long nanos, Kind kind, long by, long pid, String program) {
        boolean runs(String name) {
            return program.endsWith("/" + name);
        }
    }

    private static final Path TRACING = Path.of("/sys/kernel/tracing");
    private static final Pattern LINE =
            Pattern.compile("\\s*(\\d+)\\s+(\\d+)\\.(\\d{9}): sched:sched_process_(\\w+): (.*)");
    private static final Pattern FILE = Pattern.compile("filename=(\\S+) pid=(\\d+) .*");
    private static final Pattern CHILD = Pattern.compile(".* child_pid=(\\d+)");
    private static final Pattern ENDED = Pattern.compile(".* pid=(\\d+) prio=.*");

    private final Path data;
    private final Process perf;

    /** Begins to record, of the whole machine: wants root. */
    Execs(Path data) throws IOException, InterruptedException {
        this.data = data;
        if (!Files.exists(TRACING.resolve("events/sched"))) {
            // A namespace of our own has a fresh /sys, where it is missing.
            Proc.run(List.of("mount", "-t", "tracefs", "tracefs", TRACING.toString()));
        }
        perf = new ProcessBuilder(
                        "perf",
                        "record",
                        "-a",
                        "-k",
                        "CLOCK_MONOTONIC",
                        "-o",
                        data.toString(),
                        "-e",
                        "sched:sched_process_fork,sched:sched_process_exec,sched:sched_process_exit")
                .redirectErrorStream(true)
                .redirectOutput(data.resolveSibling("perf.log").toFile())
                .start();
        Thread.sleep(700); // perf has attached by then; nothing tells of it
        if (!perf.isAlive()) {
            throw new IOException("perf does not record: " + Files.readString(data.resolveSibling("perf.log")));
        }
    }

    /** Stops recording; what happened, in order. */
    List<Seen> stop() throws IOException, InterruptedException {
        Proc.run(List.of("kill", "-INT", Long.toString(perf.pid())));
        perf.waitFor();
        Process script = new ProcessBuilder(
                        "perf", "script", "--ns", "-i", data.toString(), "-F", "pid,time,event,trace")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<Seen> seen = new ArrayList<>();
        new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .forEach(line -> take(line, seen));
        if (script.waitFor() != 0 || seen.isEmpty()) {
            throw new IOException("perf recorded no process: " + Files.readString(data.resolveSibling("perf.log")));
        }
        return seen;
    }

    private static void take(String text, List<Seen> seen) {
        Matcher line = LINE.matcher(text);
        if (!line.matches()) {
            return;
        }
        long nanos = Long.parseLong(line.group(2)) * 1_000_000_000L + Long.parseLong(line.group(3));
        long by = Long.parseLong(line.group(1));
        Kind kind = Kind.valueOf(line.group(4).toUpperCase(java.util.Locale.ROOT));
        Matcher rest = switch (kind) {
            case FORK -> CHILD.matcher(line.group(5));
            case EXEC -> FILE.matcher(line.group(5));
            case EXIT -> ENDED.matcher(line.group(5));
        };
        if (rest.matches()) {
            String program = kind == Kind.EXEC ? rest.group(1) : "";
            seen.add(new Seen(nanos, kind, by, Long.parseLong(rest.group(rest.groupCount())), program));
        }
    }

    /** When this process began this program. */
    static Seen exec(List<Seen> all, long pid, String program) throws IOException {
        return all.stream()
                .filter(seen -> seen.kind() == Kind.EXEC && seen.pid() == pid && seen.runs(program))
                .findFirst()
                .orElseThrow(() -> new IOException("nobody saw process %d begin %s".formatted(pid, program)));
    }

    @Override
    public void close() {
        perf.destroy();
        try {
            perf.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
