package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What Linux tells of a process and of this machine. */
final class Proc {
    private static final double TICKS_PER_SECOND = 100; // USER_HZ of every Linux there is

    private Proc() {}

    /** Seconds of processor time, the system's part included. */
    static double cpuSeconds(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** Resident memory in KiB. */
    static long rssKib(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no VmRSS of " + pid);
    }

    /** Has a JVM collect its garbage. */
    static void collect(long pid) throws IOException, InterruptedException {
        run(jcmd(pid, "GC.run"));
    }

    /** What the objects take in KiB that a JVM reaches, after a collection: what grows there is held by somebody. */
    static long liveKib(long pid) throws IOException, InterruptedException {
        // Into a file: a JVM that counts itself stands still meanwhile, and would read no pipe.
        Path out = Files.createTempFile("histogram", null);
        try {
            new ProcessBuilder(jcmd(pid, "GC.class_histogram"))
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start()
                    .waitFor();
            String[] total = Files.readAllLines(out).getLast().split(" +", -1);
            return Long.parseLong(total[2]) / 1024; // Total, instances, bytes
        } finally {
            Files.delete(out);
        }
    }

    private static List<String> jcmd(long pid, String what) {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(), Long.toString(pid), what);
    }

    /** What a command printed, without the blanks at its ends; empty where it cannot be run. */
    static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor() == 0 ? out : "";
    }

    /** How long one write of 4 KiB and its fsync take here, in milliseconds, in order: 200 of them. */
    static double[] fsyncs(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path file = Files.createTempFile(folder, "fsync", null);
        double[] millis = new double[200];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocateDirect(4096);
            for (int i = 0; i < millis.length; i++) {
                long begin = System.nanoTime();
                channel.write(page.clear(), i * 4096L);
                channel.force(false);
                millis[i] = (System.nanoTime() - begin) / 1e6;
            }
        } finally {
            Files.delete(file);
        }
        Arrays.sort(millis);
        return millis;
    }

    /** Counts the fsync and fdatasync calls of a process by perf's trace points, where there are perf and the right. */
    static final class Syncs implements AutoCloseable {
        private final Process perf;

        Syncs(long pid) throws IOException {
            perf = new ProcessBuilder(
                            "sh",
                            "-c",
                            "exec perf \"$@\"", // a machine without perf makes an empty count, not an exception
                            "perf",
                            "stat",
                            "-x",
                            ",",
                            "-e",
                            "syscalls:sys_enter_fdatasync,syscalls:sys_enter_fsync",
                            "-p",
                            Long.toString(pid))
                    .redirectErrorStream(true)
                    .start();
        }

        /** How many there were; -1 where perf does not tell. */
        long count() throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-INT", Long.toString(perf.pid()))
                    .start()
                    .waitFor();
            long count = 0;
            boolean told = false;
            for (String line : new String(perf.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String number = line.split(",", -1)[0];
                if (number.matches("\\d+")) {
                    count += Long.parseLong(number);
                    told = true;
                }
            }
            return told ? count : -1;
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
}
