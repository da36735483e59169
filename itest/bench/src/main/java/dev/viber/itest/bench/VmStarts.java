package dev.viber.itest.bench;

import dev.viber.itest.bench.Execs.Kind;
import dev.viber.itest.bench.Execs.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;

/**
 * P7: from the request to the first instruction of the hypervisor's program, one VM after the other. The guest is the one
 * of 1 KiB that the accelerator is tried with: what is measured is over before a guest begins.
 */
final class VmStarts {
    static final String QEMU = "qemu-system-x86_64";
    private static final Set<String> NETWORK = Set.of("ip", "bridge", "nft");

    /**
     * One start, in milliseconds.
     *
     * @param verb {@code create}, or {@code start} of one that was stopped
     * @param added from the request to QEMU's exec
     * @param before of that, until the first of the network's programs was forked: HTTP, checks, the store's commits
     * @param network until the last of them ended
     * @param after until the hypervisor's process was forked
     * @param fork until it was QEMU
     * @param answered from the request to the answer: QEMU talks, and that is kept
     */
    record Start(
            String verb, double added, double before, double network, double after, double fork, double answered) {}

    private record Asked(String verb, long begin, long end, long pid) {}

    private final Server server;
    private final Path folder;
    private final int count;
    private final List<Asked> asked = new ArrayList<>();

    /** Of a server whose images are those of {@link #images}. */
    VmStarts(Server server, Path folder, int count) {
        this.server = server;
        this.folder = folder;
        this.count = count;
    }

    /** Fills a folder of images with the guest of 1 KiB. */
    static Path images(Path folder) throws IOException {
        Files.createDirectories(folder);
        String hex = Files.readString(Path.of("../../build/probe-guest/guest.hex"), StandardCharsets.US_ASCII);
        Files.write(folder.resolve("vmlinux-x86_64"), HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
        Files.write(folder.resolve("viper-initramfs.cpio.gz"), new byte[512]);
        return folder;
    }

    /** All of them; ten more go before, since the first sets the network up, and code is compiled on the way. */
    List<Start> measure() throws IOException, InterruptedException {
        for (int i = 0; i < 10; i++) {
            one("warm" + i);
        }
        asked.clear();
        List<Seen> seen;
        try (Execs execs = new Execs(folder.resolve("starts.data"))) {
            for (int i = 0; i < count; i++) {
                one("p" + i);
            }
            seen = execs.stop();
        }
        List<Start> starts = new ArrayList<>();
        for (Asked each : asked) {
            starts.add(start(each, seen));
        }
        return starts;
    }

    private void one(String name) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        asked("create", begin, server.post("/vms", Map.of("name", name, "cpu_cores", 1, "memory_mb", 64)));
        server.send("POST", "/vms/" + name + "/stop", 200);
        begin = System.nanoTime();
        asked("start", begin, server.send("POST", "/vms/" + name + "/start", 200));
        server.send("DELETE", "/vms/" + name, 204);
    }

    private void asked(String verb, long begin, JsonNode vm) {
        asked.add(new Asked(verb, begin, System.nanoTime(), vm.path("pid").asLong()));
    }

    private Start start(Asked one, List<Seen> all) throws IOException {
        long exec = Execs.exec(all, one.pid(), QEMU).nanos();
        List<Seen> here = all.stream()
                .filter(seen -> seen.nanos() >= one.begin() && seen.nanos() <= exec)
                .toList();
        List<Long> children = here.stream()
                .filter(seen -> seen.kind() == Kind.FORK && seen.by() == server.pid())
                .map(Seen::pid)
                .toList();
        List<Long> programs = here.stream()
                .filter(seen -> seen.kind() == Kind.EXEC && children.contains(seen.pid()))
                .filter(seen -> NETWORK.stream().anyMatch(seen::runs))
                .map(Seen::pid)
                .toList();
        long fork = when(here, Kind.FORK, List.of(one.pid())).getFirst();
        // A network that needs no program takes no time of its own here: it is in what goes before.
        long first = programs.isEmpty() ? fork : when(here, Kind.FORK, programs).getFirst();
        long last = programs.isEmpty() ? fork : when(here, Kind.EXIT, programs).getLast();
        return new Start(
                one.verb(),
                millis(exec - one.begin()),
                millis(first - one.begin()),
                millis(last - first),
                millis(fork - last),
                millis(exec - fork),
                millis(one.end() - one.begin()));
    }

    private static List<Long> when(List<Seen> all, Kind kind, List<Long> pids) {
        return all.stream()
                .filter(seen -> seen.kind() == kind && pids.contains(seen.pid()))
                .map(Seen::nanos)
                .toList();
    }

    static double millis(long nanos) {
        return nanos / 1e6;
    }

    /** A table: each verb's quantiles, and the median of each part. */
    static String table(List<Start> all) {
        StringBuilder text = new StringBuilder("\nP7, request to the exec of %s; ms\n\n".formatted(QEMU))
                .append(
                        "| | n | p50 | p95 | max | before the network | network | to the fork | fork to exec | answered |\n")
                .append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (String verb : List.of("create", "start")) {
            List<Start> of =
                    all.stream().filter(start -> start.verb().equals(verb)).toList();
            text.append("| %s | %d | **%.1f** | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f |%n"
                    .formatted(
                            verb,
                            of.size(),
                            quantile(of, 0.5, Start::added),
                            quantile(of, 0.95, Start::added),
                            quantile(of, 1, Start::added),
                            quantile(of, 0.5, Start::before),
                            quantile(of, 0.5, Start::network),
                            quantile(of, 0.5, Start::after),
                            quantile(of, 0.5, Start::fork),
                            quantile(of, 0.5, Start::answered)));
        }
        return text.toString();
    }

    static <T> double quantile(List<T> all, double share, ToDoubleFunction<T> of) {
        double[] sorted = all.stream().mapToDouble(of).sorted().toArray();
        return sorted[(int) Math.min(sorted.length - 1L, (long) (share * sorted.length))];
    }
}
