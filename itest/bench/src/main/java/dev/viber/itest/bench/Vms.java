package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * The benchmark {@code vm}: microVMs, in a network namespace of its own, where bridges and taps are nobody else's. Wants
 * root, {@code perf}, QEMU and the guest's image.
 */
public final class Vms {
    private static final int STARTS = Integer.getInteger("starts", 100);
    private static final int MESSAGES = Integer.getInteger("messages", 2_000);
    private static final int SESSIONS = Integer.getInteger("sessions", 30);
    private static final int ROW = Integer.getInteger("row", 1_000);
    private static final String IMAGES = "VIBER_SUPERVISOR_IMAGES";

    private final Path home = Path.of(System.getProperty("viber.home")).normalize();
    // Paths of sockets are bounded: no long names.
    private final Path folder = fresh(Path.of("target", "vm").toAbsolutePath());
    private final int rounds = Integer.getInteger("rounds", 3);
    private final Map<String, Object> json = new LinkedHashMap<>();
    private final StringBuilder text = new StringBuilder();

    private Vms() throws IOException {}

    /** Measures from outside the namespace: makes one, has {@link #main} measure in it, and hands on what it found. */
    static void measure(Path target, Report report) throws IOException, InterruptedException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of("../process/src/test/netns/bin/java")
                        .toAbsolutePath()
                        .normalize()
                        .toString(),
                "-XX:+UseSerialGC",
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "-Dnetwork=own",
                "-cp",
                System.getProperty("java.class.path")));
        for (String name : List.of("viber.home", "rounds", "starts", "messages", "sessions", "row", "vm")) {
            String value = System.getProperty(name);
            if (value != null) {
                command.add("-D%s=%s".formatted(name, value));
            }
        }
        command.add(Vms.class.getName());
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        if (builder.start().waitFor() != 0) {
            throw new IOException("the benchmark of VMs failed; it has said why");
        }
        report.vm(
                Server.JSON.readTree(Files.readAllBytes(target.resolve("vm.json"))),
                Files.readString(target.resolve("vm.md")));
    }

    /** Takes the properties of {@link Bench}, and {@code vm}: any of {@code start,boot,relay,restore,sessions}, of these only
     * {@code sessions-local}, and the long rows {@code row-vm,row-local,row-pool}. */
    public static void main(String[] arguments) throws IOException, InterruptedException, SQLException {
        Locale.setDefault(Locale.ROOT);
        if (!"own".equals(System.getProperty("network"))) {
            throw new IOException(
                    "this may be the host's network, which it would change; -Dbench=vm makes one of its own");
        }
        new Vms()
                .run(Set.of(System.getProperty("vm", "start,boot,relay,restore,sessions")
                        .split(",", -1)));
    }

    private void run(Set<String> wanted) throws IOException, InterruptedException, SQLException {
        String images = System.getenv().getOrDefault(IMAGES, "../../build/artifacts");
        Path small = VmStarts.images(folder.resolve("images"));
        Path large = Path.of(images).toAbsolutePath().normalize();
        if (!Collections.disjoint(wanted, Set.of("start", "relay", "row-vm"))) {
            with("small", small, server -> small(server, wanted));
        }
        if (!Collections.disjoint(wanted, Set.of("boot", "relay", "restore", "sessions", "row-pool"))) {
            with("large", large, server -> large(server, wanted));
        }
        if (!Collections.disjoint(wanted, Set.of("sessions", "sessions-local"))) {
            try (VmSessions sessions = new VmSessions(home, folder)) {
                var all = sessions.percentilesOfLocal(SESSIONS);
                put("sessions of browser-local", all, sessions.text());
            }
        }
        if (wanted.contains("row-local")) {
            try (VmSessions sessions = new VmSessions(home, folder)) {
                sessions.rowOfLocal(ROW);
                put("row of browser-local", ROW, sessions.text());
            }
        }
        json.put(
                "qemu",
                Proc.run(List.of(VmStarts.QEMU, "--version"))
                        .lines()
                        .findFirst()
                        .orElse(""));
        json.put("kernel", Proc.run(List.of("uname", "-r")));
        Path target = folder.getParent();
        Files.writeString(target.resolve("vm.json"), Server.JSON.writeValueAsString(json));
        Files.writeString(target.resolve("vm.md"), text);
    }

    private void small(Server server, Set<String> wanted) throws IOException, InterruptedException {
        if (wanted.contains("start")) {
            var starts = new VmStarts(server, folder, STARTS).measure();
            put("start", starts, VmStarts.table(starts));
        }
        if (wanted.contains("relay")) {
            VmRelay relay = new VmRelay(server, folder.resolve("small/state"));
            relay.echo(10 * MESSAGES, Math.max(3, rounds));
            put("relay", VmRelay.json(relay.figures()), VmRelay.table(relay.figures()));
        }
        if (wanted.contains("row-vm")) {
            try (VmSessions sessions = new VmSessions(home, folder)) {
                sessions.rowOfVms(server, ROW);
                put("row of VMs", ROW, sessions.text());
            }
        }
    }

    private void large(Server server, Set<String> wanted) throws IOException, InterruptedException, SQLException {
        if (wanted.contains("boot")) {
            var boots = new VmBoots(server, folder).measure(rounds);
            json.put("boot ratio", VmBoots.ratio(boots, VmBoots.Boot::whole));
            json.put("boot ratio of processor time", VmBoots.ratio(boots, VmBoots.Boot::cpu));
            put("boot", boots, VmBoots.table(boots));
        }
        if (wanted.contains("restore")) {
            VmRestores restores = new VmRestores(server, folder);
            restores.measure(rounds);
            json.put("forks", restores.forks());
            json.put("forks of QEMU alone", restores.rawForks());
            put("restore", restores.rounds(), restores.table());
        }
        if (!Collections.disjoint(wanted, Set.of("sessions", "row-pool"))) {
            try (VmSessions sessions = new VmSessions(home, folder)) {
                sessions.snapshot(server);
                if (wanted.contains("sessions")) {
                    put("sessions", sessions.percentiles(server, SESSIONS), sessions.text());
                }
                if (wanted.contains("row-pool")) {
                    sessions.rowOfPool(server, ROW);
                    put("row of a pool", ROW, sessions.text());
                }
            }
        }
        if (wanted.contains("relay")) {
            VmRelay relay = new VmRelay(server, folder.resolve("large/state"));
            relay.guest(MESSAGES);
            put("relay of a guest", VmRelay.json(relay.figures()), VmRelay.table(relay.figures()));
        }
    }

    private interface Part {
        void measure(Server server) throws IOException, InterruptedException, SQLException;
    }

    private void with(String name, Path images, Part part) throws IOException, InterruptedException, SQLException {
        Map<String, String> environment = Map.of(
                IMAGES,
                images.toString(),
                // The guest of 1 KiB hears nobody; and nothing here waits for a guest that never comes.
                "VIBER_SUPERVISOR_STOP_MS",
                "1",
                // A long row wants its 253 addresses again within the minute.
                "VIBER_SUPERVISOR_QUARANTINE_MS",
                "1",
                "VIBER_SUPERVISOR_READY_MS",
                "900000");
        try (Server server = Server.gateway(home, folder.resolve(name), environment)) {
            try {
                part.measure(server);
            } finally {
                // Machines outlive their server: those that a failure left are deleted while it is there.
                for (JsonNode vm : server.get("/vms")) {
                    server.send("DELETE", "/vms/" + vm.path("name").asString(), 204);
                }
            }
        }
    }

    private void put(String name, Object figures, String table) throws IOException {
        json.put(name, figures);
        String load = Files.readString(Path.of("/proc/loadavg")).strip();
        json.put("load after " + name, load);
        text.append(table).append("\nload after it: %s%n".formatted(load));
        System.out.println(table + "\nload after it: " + load);
    }

    private static Path fresh(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (var files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        return Files.createDirectories(folder);
    }
}
