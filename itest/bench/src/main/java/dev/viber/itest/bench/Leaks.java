package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a process has of this machine, counted from outside of it, so that what it does not give back is seen. */
final class Leaks {
    private Leaks() {}

    /**
     * Counts it now.
     *
     * @param pid of the server, or of whoever keeps the browsers
     * @param folder in which all its state lies
     */
    static Map<String, Long> of(long pid, Path folder) throws IOException, InterruptedException {
        for (int i = 0; i < 3; i++) {
            Proc.collect(pid);
        }
        long live = Proc.liveKib(pid);
        Map<String, Long> counted = new LinkedHashMap<>();
        counted.put("processes", processes(folder));
        counted.put("taps", lines(List.of("ip", "-o", "link"), "vpt-"));
        counted.put("guests in nft", lines(List.of("nft", "list", "ruleset"), "vpt-"));
        try (Stream<Path> files = Files.walk(folder)) {
            counted.put("files", files.count());
        }
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            counted.put("descriptors", descriptors.count());
        }
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            counted.put("threads", threads.count());
        }
        counted.put("KiB of live objects", live);
        counted.put("MiB resident", Proc.rssKib(pid) / 1024);
        return counted;
    }

    private static long processes(Path folder) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(folder.toString()))
                .count();
    }

    private static long lines(List<String> command, String with) throws IOException, InterruptedException {
        return Proc.run(command).lines().filter(line -> line.contains(with)).count();
    }

    /** Two counts side by side. */
    static String table(String what, int sessions, Map<String, Long> before, Map<String, Long> after) {
        StringBuilder text = new StringBuilder("%n%,d sessions in a row: %s%n%n".formatted(sessions, what))
                .append("| | before | after |\n| --- | ---: | ---: |\n");
        before.forEach((name, count) -> text.append("| %s | %,d | %,d |%n".formatted(name, count, after.get(name))));
        return text.toString();
    }
}
