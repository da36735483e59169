package dev.viber.itest.bench;

import dev.viber.itest.bench.Load.Outcome;
import dev.viber.itest.bench.Load.Plan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Runs what is asked for and writes {@code target/bench.json} and {@code target/bench.md}. */
public final class Bench {
    private static final List<Plan> PLANS = List.of(
            new Plan("80 tasks of 10,000 events", 10, 80, 10_000, 0),
            new Plan("400 tasks of 1,000 events", 10, 400, 1_000, 0));
    private static final int STORMING = Integer.getInteger("storming", 10_000);
    private static final int IDLE = Integer.getInteger("idle", 15_000);
    private static final Plan PACED = new Plan("1,000 events/s", 10, 10, 2_000, 1_000);

    private final Path home = Path.of(System.getProperty("viber.home")).normalize();
    private final Path target = Path.of("target").toAbsolutePath();
    private final Path states = target.resolve("states");
    private final int rounds = Integer.getInteger("rounds", 3);
    private final long seed = Long.getLong("seed", 1);
    private final Report report = new Report(seed, rounds);

    private Bench() {}

    /** Takes {@code bench}, {@code rounds}, {@code seed} and {@code viber.home} as system properties. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Locale.setDefault(Locale.ROOT); // numbers as JSON and other people write them
        new Bench()
                .run(Set.of(
                        System.getProperty("bench", "relay,latency,idle,start").split(",", -1)));
    }

    private void run(Set<String> wanted) throws IOException, InterruptedException {
        if (wanted.contains("relay")) {
            relay();
        }
        if (wanted.contains("latency")) {
            latency();
        }
        if (wanted.contains("idle")) {
            idle();
        }
        if (wanted.contains("start")) {
            start();
        }
        if (wanted.contains("vm")) {
            Vms.measure(target, report);
        }
        report.write(target);
    }

    private Path state(String name) throws IOException {
        Files.createDirectories(states);
        return Files.createTempDirectory(states, name + "-");
    }

    private Path installRelay() throws IOException, InterruptedException {
        Path folder = target.resolve("relay");
        Files.createDirectories(folder);
        for (String file : List.of("package.json", "relay.mjs")) {
            Files.copy(Path.of("src/main/relay", file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        if (!Files.exists(folder.resolve("node_modules/ws"))) {
            int exit = new ProcessBuilder("npm", "install", "--no-audit", "--no-fund")
                    .directory(folder.toFile())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IOException("npm install in " + folder + " ended with " + exit);
            }
        }
        return folder;
    }

    private void relay() throws IOException, InterruptedException {
        Path installed = installRelay();
        List<Outcome> outcomes = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            try (Server gateway = Server.gateway(home, state("gateway"))) {
                outcomes.addAll(carry(gateway));
            }
            try (Server relay = Server.relay(installed, state("relay"))) {
                outcomes.addAll(carry(relay));
            }
        }
        report.relay(PLANS.stream().map(Plan::name).toList(), outcomes);
    }

    /** Every plan once to warm up, then once for the record. */
    private List<Outcome> carry(Server server) throws IOException, InterruptedException {
        List<Outcome> outcomes = new ArrayList<>();
        for (Plan plan : PLANS) {
            Load.carry(server, plan, seed);
        }
        for (Plan plan : PLANS) {
            Outcome outcome = Load.carry(server, plan, seed);
            outcomes.add(outcome);
            report.say(outcome);
        }
        return outcomes;
    }

    private void latency() throws IOException, InterruptedException {
        List<Outcome> outcomes = new ArrayList<>();
        List<double[]> fsyncs = new ArrayList<>();
        try (Server gateway = Server.gateway(home, state("latency"))) {
            Load.carry(gateway, PACED, seed);
            for (int round = 0; round < rounds; round++) {
                fsyncs.add(Proc.fsyncs(states));
                Outcome outcome = Load.carry(gateway, PACED, seed);
                outcomes.add(outcome);
                report.say(outcome);
            }
        }
        report.latency(outcomes, fsyncs);
    }

    private void idle() throws IOException, InterruptedException {
        report.idle(Idle.measure(home, state("idle"), STORMING, IDLE));
    }

    private void start() throws IOException, InterruptedException {
        try (Server gateway = Server.gateway(home, state("start"))) {
            Starts starts = new Starts(home, gateway);
            List<Starts.Daemon> daemons = new ArrayList<>();
            List<Double> calls = new ArrayList<>();
            for (int i = 0; i < Math.max(5, rounds); i++) {
                daemons.add(starts.daemon(state("viber")));
                calls.add(starts.status());
            }
            report.start(daemons, calls);
        }
    }
}
