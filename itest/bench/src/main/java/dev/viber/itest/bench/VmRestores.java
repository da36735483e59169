package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import tools.jackson.databind.JsonNode;

/**
 * P8: browsers from a snapshot, by the product and by QEMU alone with the same files, command line and steps of identity, in
 * turns; ten forks of a running one at once, by both; what memory each fork has of its own.
 */
final class VmRestores {
    private static final int FORKS = 10;
    private static final String BASE = "base";
    private static final String SNAPSHOT = "kept";

    /**
     * One round, in milliseconds.
     *
     * @param cold from a request for a VM that boots to the answer of its DevTools
     * @param restore the same of one that begins as a snapshot
     * @param ready from the request until its guest has said {@code ready}
     * @param rawReady the same by QEMU alone
     * @param fork from a request for ten forks until all ten have said {@code ready}; the copying of their memory included
     * @param rawFork the same by QEMU alone
     */
    record Round(double cold, double restore, double ready, double rawReady, double fork, double rawFork) {}

    private final Server server;
    private final Path folder;
    private final List<Round> rounds = new ArrayList<>();
    private final List<Memory> forks = new ArrayList<>();
    private final List<Memory> rawForks = new ArrayList<>();

    /** Of a server with the images of a browser. */
    VmRestores(Server server, Path folder) {
        this.server = server;
        this.folder = folder;
    }

    List<Round> rounds() {
        return List.copyOf(rounds);
    }

    List<Memory> forks() {
        return List.copyOf(forks);
    }

    List<Memory> rawForks() {
        return List.copyOf(rawForks);
    }

    /** So many rounds; one restore of each kind goes before, and brings the files into the page cache. */
    void measure(int count) throws IOException, InterruptedException {
        JsonNode base = boot(BASE);
        RawQemu boots =
                RawQemu.of(base.path("pid").asLong(), base.path("ip_address").asString());
        server.post("/vms/" + BASE + "/snapshot", Map.of("name", SNAPSHOT));
        RawQemu restores = restored("warm");
        Path state = memory(restores).resolveSibling("state");
        raw(restores, state, "rawwarm");
        // The one that QEMU alone forks: of its own memory, as the product's is.
        try (RawGuest rawBase =
                boots.guest(folder.resolve("rawbase"), boots.nic().other(50), null)) {
            rawBase.boot();
            for (int round = 0; round < count; round++) {
                boolean first = round % 2 == 0;
                double rawReady = first ? 0 : raw(restores, state, "raw" + round);
                double rawFork = first ? 0 : rawFork(rawBase, restores, round);
                double cold = cold("cold" + round);
                double[] ours = restore("restore" + round);
                double fork = fork();
                // Who goes first changes, lest one side always have the warmer machine.
                rawReady = first ? raw(restores, state, "raw" + round) : rawReady;
                rawFork = first ? rawFork(rawBase, restores, round) : rawFork;
                rounds.add(new Round(cold, ours[1], ours[0], rawReady, fork, rawFork));
            }
        }
        server.send("DELETE", "/vms/" + BASE, 204);
        server.send("DELETE", "/snapshots/" + SNAPSHOT, 204);
    }

    private JsonNode boot(String name) throws IOException, InterruptedException {
        return server.send("POST", "/vms?wait=ready", Map.of("name", name, "cpu_cores", 2, "memory_mb", 1024), 201);
    }

    private double cold(String name) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        boot(name);
        server.get("/vms/" + name + "/devtools/json/version");
        double taken = VmStarts.millis(System.nanoTime() - begin);
        server.send("DELETE", "/vms/" + name, 204);
        return taken;
    }

    /** Until ready, and until its DevTools have answered. */
    private double[] restore(String name) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        server.send("POST", "/vms?wait=ready", Map.of("name", name, "snapshot", SNAPSHOT), 201);
        double ready = VmStarts.millis(System.nanoTime() - begin);
        server.get("/vms/" + name + "/devtools/json/version");
        double answered = VmStarts.millis(System.nanoTime() - begin);
        server.send("DELETE", "/vms/" + name, 204);
        return new double[] {ready, answered};
    }

    private RawQemu restored(String name) throws IOException, InterruptedException {
        JsonNode vm = server.send("POST", "/vms?wait=ready", Map.of("name", name, "snapshot", SNAPSHOT), 201);
        RawQemu raw = RawQemu.of(vm.path("pid").asLong(), vm.path("ip_address").asString());
        server.send("DELETE", "/vms/" + name, 204);
        return raw;
    }

    private static Path memory(RawQemu of) {
        return Path.of(of.value("mem-path=", ""));
    }

    private double raw(RawQemu restores, Path state, String name) throws IOException, InterruptedException {
        try (RawGuest guest =
                restores.guest(folder.resolve(name), restores.nic().other(51), null)) {
            long begin = System.nanoTime();
            guest.restore(state);
            return VmStarts.millis(System.nanoTime() - begin);
        }
    }

    private double fork() throws IOException, InterruptedException {
        long begin = System.nanoTime();
        JsonNode all = server.send("POST", "/vms/" + BASE + "/fork?wait=ready", Map.of("count", FORKS), 201);
        double taken = VmStarts.millis(System.nanoTime() - begin);
        for (JsonNode vm : all) {
            forks.add(Memory.of(vm.path("pid").asLong()));
        }
        for (JsonNode vm : all) {
            server.send("DELETE", "/vms/" + vm.path("name").asString(), 204);
        }
        return taken;
    }

    private double rawFork(RawGuest base, RawQemu restores, int round) throws IOException, InterruptedException {
        Path state = folder.resolve("rawstate");
        Path memory = folder.resolve("rawmemory");
        List<RawGuest> guests = new ArrayList<>();
        try {
            for (int i = 0; i < FORKS; i++) {
                guests.add(restores.guest(
                        folder.resolve("f%dx%d".formatted(round, i)),
                        restores.nic().other(i),
                        memory));
            }
            long begin = System.nanoTime();
            base.snapshot(state, memory);
            together(guests.stream()
                    .<Callable<?>>map(guest -> () -> guest.restore(state))
                    .toList());
            double taken = VmStarts.millis(System.nanoTime() - begin);
            for (RawGuest guest : guests) {
                rawForks.add(Memory.of(guest.pid()));
            }
            return taken;
        } finally {
            for (RawGuest guest : guests) {
                guest.close();
            }
            Files.deleteIfExists(memory);
        }
    }

    private static void together(List<Callable<?>> all) throws IOException, InterruptedException {
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> begun = new ArrayList<>();
            for (Callable<?> one : all) {
                begun.add(each.submit(one));
            }
            for (Future<?> one : begun) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** Medians, ratios of each round to its own neighbour, and the memory of the forks. */
    String table() {
        StringBuilder text = new StringBuilder(
                        "\nP8, browsers from a snapshot; medians of %d, ms\n\n".formatted(rounds.size()))
                .append("| | Viber | QEMU alone | Viber / QEMU alone |\n| --- | ---: | ---: | ---: |\n");
        row(text, "restore, until ready", Round::ready, Round::rawReady);
        row(text, "fork of %d, until all are ready".formatted(FORKS), Round::fork, Round::rawFork);
        text.append("| restore, until DevTools answer | %,.0f | | |%n".formatted(median(Round::restore)))
                .append("| cold boot, until DevTools answer | %,.0f | | |%n".formatted(median(Round::cold)))
                .append("%nFrom a snapshot %.1fx as quick as a cold boot, each round against its own%n"
                        .formatted(ratio(Round::cold, Round::restore)));
        return text.append(Memory.table(Map.of("Viber", forks, "QEMU alone", rawForks)))
                .toString();
    }

    private void row(StringBuilder text, String what, ToDoubleFunction<Round> ours, ToDoubleFunction<Round> raw) {
        text.append("| %s | %,.0f | %,.0f | **%.2f** |%n".formatted(what, median(ours), median(raw), ratio(ours, raw)));
    }

    private double median(ToDoubleFunction<Round> of) {
        return VmStarts.quantile(rounds, 0.5, of);
    }

    private double ratio(ToDoubleFunction<Round> of, ToDoubleFunction<Round> to) {
        return median(round -> of.applyAsDouble(round) / to.applyAsDouble(round));
    }
}
