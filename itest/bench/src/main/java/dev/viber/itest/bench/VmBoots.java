package dev.viber.itest.bench;

import dev.viber.itest.bench.Execs.Seen;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** The boot of a guest with a browser, told apart: by the product, and by QEMU alone with the same command line, in turns. */
final class VmBoots {
    private static final Pattern INIT = Pattern.compile("\\[ *(\\d+\\.\\d+)\\] viper-init: (up|agent started).*");

    /**
     * One boot, in milliseconds. What happens in the guest is told by its own clock.
     *
     * @param whole from the request (of QEMU alone: from asking for the process) to the answer that it is ready
     * @param added until QEMU's exec
     * @param qemu until the guest's clock starts: QEMU, its firmware, and the kernel's file
     * @param kernel until the first process of the root is up
     * @param init until the agent is started
     * @param felix until the agent starts Chrome: Java, Felix, the components
     * @param chrome until Chrome answers and the agent has said ready
     * @param cpu processor time of QEMU until then, which a crowded machine changes less than the clock
     */
    record Boot(
            boolean ours,
            double whole,
            double added,
            double qemu,
            double kernel,
            double init,
            double felix,
            double chrome,
            double cpu) {}

    private record Run(
            boolean ours, long begin, long end, long pid, Map<String, String> said, List<String> console, double cpu) {}

    private final Server server;
    private final Path folder;
    private final List<Run> runs = new ArrayList<>();

    /** Of a server with the images of a browser. */
    VmBoots(Server server, Path folder) {
        this.server = server;
        this.folder = folder;
    }

    /** Each side so often, after one boot that is not counted: it brings the image into the page cache. */
    List<Boot> measure(int rounds) throws IOException, InterruptedException {
        RawQemu raw = ours("warm");
        runs.clear();
        List<Seen> seen;
        try (Execs execs = new Execs(folder.resolve("boots.data"))) {
            for (int round = 0; round < rounds; round++) {
                // Who goes first changes, lest one side always have the warmer machine.
                if (round % 2 == 0) {
                    raw = ours("boot" + round);
                    raw(raw, round);
                } else {
                    raw(raw, round);
                    raw = ours("boot" + round);
                }
            }
            seen = execs.stop();
        }
        List<Boot> boots = new ArrayList<>();
        for (Run run : runs) {
            boots.add(boot(run, seen));
        }
        return boots;
    }

    private RawQemu ours(String name) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        JsonNode vm =
                server.send("POST", "/vms?wait=ready", Map.of("name", name, "cpu_cores", 2, "memory_mb", 1024), 201);
        long end = System.nanoTime();
        long pid = vm.path("pid").asLong();
        double cpu = Proc.cpuSeconds(pid) * 1000;
        Map<String, String> said = new HashMap<>();
        vm.path("guest")
                .properties()
                .forEach(each -> said.put(each.getKey(), each.getValue().asString()));
        List<String> console = Files.readAllLines(RawQemu.serial(RawQemu.line(pid)));
        runs.add(new Run(true, begin, end, pid, said, console, cpu));
        RawQemu raw = RawQemu.of(pid, vm.path("ip_address").asString());
        server.send("DELETE", "/vms/" + name, 204);
        return raw;
    }

    private void raw(RawQemu raw, int round) throws IOException, InterruptedException {
        Path own = folder.resolve("raw" + round);
        try (RawGuest guest = raw.guest(own, raw.nic(), null)) {
            long begin = System.nanoTime();
            Map<String, String> said = guest.boot();
            long end = System.nanoTime();
            double cpu = Proc.cpuSeconds(guest.pid()) * 1000;
            List<String> console = Files.readAllLines(own.resolve("serial.log"));
            runs.add(new Run(false, begin, end, guest.pid(), said, console, cpu));
        }
    }

    private static Boot boot(Run run, List<Seen> seen) throws IOException {
        long exec = Execs.exec(seen, run.pid(), VmStarts.QEMU).nanos();
        double ready = number(run, "uptime-ms");
        double up = console(run, "up");
        double started = console(run, "agent started");
        double chrome = number(run, "chrome-ms");
        double whole = VmStarts.millis(run.end() - run.begin());
        double added = VmStarts.millis(exec - run.begin());
        return new Boot(
                run.ours(),
                whole,
                added,
                whole - added - ready,
                up,
                started - up,
                ready - chrome - started,
                chrome,
                run.cpu());
    }

    private static double number(Run run, String name) throws IOException {
        String value = run.said().get(name);
        if (value == null) {
            throw new IOException("the guest said no %s: %s".formatted(name, run.said()));
        }
        return Double.parseDouble(value);
    }

    private static double console(Run run, String what) throws IOException {
        for (String line : run.console()) {
            Matcher matcher = INIT.matcher(line.strip());
            if (matcher.matches() && matcher.group(2).equals(what)) {
                return Double.parseDouble(matcher.group(1)) * 1000;
            }
        }
        throw new IOException("the console does not tell of '%s': %s".formatted(what, run.console()));
    }

    /** Medians of both sides, and the median of the rounds' ratios. */
    static String table(List<Boot> all) {
        StringBuilder text = new StringBuilder("\nBoot of a guest with a browser, told apart; medians, ms\n\n")
                .append(
                        "| | n | whole | request to exec | QEMU to the guest's clock | kernel | init | Java, Felix | Chrome to ready | cpu of QEMU | fastest whole |\n")
                .append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (boolean ours : new boolean[] {true, false}) {
            List<Boot> of = all.stream().filter(boot -> boot.ours() == ours).toList();
            text.append("| %s | %d | **%,.0f** |"
                    .formatted(ours ? "Viber" : "QEMU alone", of.size(), median(of, Boot::whole)));
            for (ToDoubleFunction<Boot> part : List.<ToDoubleFunction<Boot>>of(
                    Boot::added, Boot::qemu, Boot::kernel, Boot::init, Boot::felix, Boot::chrome, Boot::cpu)) {
                text.append(" %,.0f |".formatted(median(of, part)));
            }
            text.append(" %,.0f |%n".formatted(VmStarts.quantile(of, 0, Boot::whole)));
        }
        return text.append(
                        "\nViber / QEMU alone, each round against its own neighbour: %.2f by the clock, %.2f by processor time%n"
                                .formatted(ratio(all, Boot::whole), ratio(all, Boot::cpu)))
                .toString();
    }

    /** The median of the rounds' ratios. */
    static double ratio(List<Boot> all, ToDoubleFunction<Boot> of) {
        List<Boot> ours = all.stream().filter(Boot::ours).toList();
        List<Boot> raw = all.stream().filter(boot -> !boot.ours()).toList();
        List<Double> each = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            each.add(of.applyAsDouble(ours.get(i)) / of.applyAsDouble(raw.get(i)));
        }
        each.sort(null);
        return each.get(each.size() / 2);
    }

    private static double median(List<Boot> all, ToDoubleFunction<Boot> of) {
        return VmStarts.quantile(all, 0.5, of);
    }
}
