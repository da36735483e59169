package dev.viber.itest.bench;

import dev.viber.itest.bench.Load.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** What was measured, as one JSON file and as tables for people. */
final class Report {
    private final Map<String, Object> json = new LinkedHashMap<>();
    private final StringBuilder text = new StringBuilder();

    Report(long seed, int rounds) {
        json.put("seed", seed);
        json.put("rounds", rounds);
    }

    /** Tells of one run as soon as it is over. */
    void say(Outcome o) {
        System.out.println("%-8s %s: %,.0f events/s, p50 %.1f ms, p99 %.1f ms, cpu %.1f s + load %.1f s, %d fsyncs"
                .formatted(
                        o.server(), o.plan(), o.perSecond(), o.p50(), o.p99(), o.serverCpu(), o.loadCpu(), o.syncs()));
    }

    void relay(List<String> plans, List<Outcome> outcomes) {
        json.put("relay", outcomes);
        text.append("\nP1, durable progress events, viber to SSE reader; medians\n\n")
                .append(
                        "| load | server | events/s | p50 ms | p99 ms | server cpu µs/event | load cpu µs/event | fsyncs | events/fsync |\n")
                .append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        Map<String, Double> ratios = new LinkedHashMap<>();
        for (String plan : plans) {
            List<Outcome> gateway = of(outcomes, plan, "gateway");
            List<Outcome> relay = of(outcomes, plan, "relay");
            row(plan, "gateway", gateway);
            row(plan, "relay on ws", relay);
            // Each round against its own neighbour, so that a slow minute of the machine weighs on both.
            List<Double> each = IntStream.range(0, gateway.size())
                    .mapToObj(i -> gateway.get(i).perSecond() / relay.get(i).perSecond())
                    .toList();
            ratios.put(plan, median(each));
            text.append("| %s | **ratio** | **%.2f** | | | | | | |%n".formatted(plan, median(each)));
        }
        json.put("ratio", ratios);
    }

    private static List<Outcome> of(List<Outcome> outcomes, String plan, String server) {
        return outcomes.stream()
                .filter(o -> o.plan().equals(plan) && o.server().equals(server))
                .toList();
    }

    private void row(String plan, String name, List<Outcome> all) {
        double syncs = median(all, Outcome::syncs);
        double events = median(all, o -> o.perSecond() * o.seconds());
        text.append("| %s | %s | %,.0f | %.1f | %.1f | %.2f | %.2f | %.0f | %s |%n"
                .formatted(
                        plan,
                        name,
                        median(all, Outcome::perSecond),
                        median(all, Outcome::p50),
                        median(all, Outcome::p99),
                        median(all, o -> perEvent(o, o.serverCpu())),
                        median(all, o -> perEvent(o, o.loadCpu())),
                        syncs,
                        syncs > 0 ? "%,.0f".formatted(events / syncs) : ""));
    }

    private static double perEvent(Outcome outcome, double cpuSeconds) {
        return cpuSeconds * 1e6 / (outcome.perSecond() * outcome.seconds());
    }

    void latency(List<Outcome> outcomes, List<double[]> fsyncs) {
        double p50 = median(outcomes, Outcome::p50);
        double p99 = median(outcomes, Outcome::p99);
        double sync50 = median(fsyncs.stream().map(f -> f[f.length / 2]).toList());
        double sync99 = median(fsyncs.stream().map(f -> f[f.length * 99 / 100]).toList());
        json.put("latency", outcomes);
        json.put("fsync", Map.of("p50", sync50, "p99", sync99));
        text.append(
                        "\nP2, event latency at 1,000 events/s, send of the frame to receipt by the SSE reader; medians\n\n")
                .append("| | p50 ms | p99 ms |\n| --- | ---: | ---: |\n")
                .append("| event | %.2f | %.2f |%n".formatted(p50, p99))
                .append("| one write of 4 KiB + fsync on this disk | %.2f | %.2f |%n".formatted(sync50, sync99))
                .append("| event / fsync | %.2f | %.2f |%n".formatted(p50 / sync50, p99 / sync99));
    }

    void idle(Idle idle) {
        json.put(
                "idle",
                Map.of(
                        "kibPerConnection", idle.kibPerConnection(),
                        "connections", idle.idle(),
                        "storming", idle.storming(),
                        "stormSeconds", idle.storm().all()));
        text.append("%nP3, an idle viber's connection at the gateway: %.1f KiB with %,d of them, %,d pings answered%n"
                        .formatted(idle.kibPerConnection(), idle.idle(), idle.pings()))
                .append("P4, %,d vibers at once after a kill -9 of the gateway: all welcome after %.1f s, half %.1f s%n"
                        .formatted(
                                idle.storming(),
                                idle.storm().all(),
                                idle.storm().at(0.5)));
    }

    void start(List<Starts.Daemon> daemons, List<Double> calls) {
        json.put("daemon", daemons);
        json.put("status", calls);
        text.append("%nP5, viber start: %.2f s to registered, %.0f MiB idle; P6, viber status: %.2f s; medians of %d%n"
                .formatted(
                        median(daemons.stream().map(Starts.Daemon::seconds).toList()),
                        median(daemons.stream().map(Starts.Daemon::mib).toList()),
                        median(calls),
                        calls.size()));
    }

    /** What was measured of VMs. */
    void vm(JsonNode figures, String tables) {
        json.put("vm", figures);
        text.append(tables);
    }

    void write(Path target) throws IOException, InterruptedException {
        json.put("commit", Proc.run(List.of("git", "rev-parse", "--short=12", "HEAD")));
        json.put("dirty", !Proc.run(List.of("git", "status", "--porcelain")).isEmpty());
        json.put("command", "./mvnw -B -ntp -Pbench -pl itest/bench -am verify -DskipTests");
        json.put("cores", Runtime.getRuntime().availableProcessors());
        json.put("jdk", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        json.put("node", Proc.run(List.of("node", "--version")));
        json.put("load", Files.readString(Path.of("/proc/loadavg")).strip());
        String head = "commit %s%s, seed %s, %s rounds, %s cores, %s, node %s%n"
                .formatted(
                        json.get("commit"),
                        json.get("dirty").equals(true) ? " and changes" : "",
                        json.get("seed"),
                        json.get("rounds"),
                        json.get("cores"),
                        json.get("jdk"),
                        json.get("node"));
        Files.writeString(
                target.resolve("bench.json"),
                Server.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
        Files.writeString(target.resolve("bench.md"), head + text);
        System.out.println(head + text);
    }

    private static double median(List<Outcome> all, ToDoubleFunction<Outcome> of) {
        return median(all.stream().map(of::applyAsDouble).toList());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        sorted.sort(null);
        return sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2);
    }
}
