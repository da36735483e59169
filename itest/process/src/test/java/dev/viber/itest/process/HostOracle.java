package dev.viber.itest.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** What a host must hold for the machines of a server's database, looked at without the product: neither more nor less. */
final class HostOracle {
    /** A row of {@code vms}, as SQLite has it. */
    record Row(long id, String name, String phase, long pid, String address, boolean allowed) {
        boolean runs() {
            return List.of("running", "ready", "paused", "standby").contains(phase);
        }

        String tap() {
            StringBuilder tap = new StringBuilder("vpt-");
            for (String octet : address.split("\\.", -1)) {
                tap.append("%02x".formatted(Integer.parseInt(octet)));
            }
            return tap.toString();
        }
    }

    private final Path state;
    private final Path run;

    HostOracle(Path state) {
        this.state = state;
        run = state.resolve("run/vms");
    }

    /** The machines that are to be, by name. */
    Map<String, Row> rows() throws IOException, SQLException {
        Map<String, Row> rows = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + Databases.in(state));
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(
                        "SELECT id, name, phase, coalesce(pid, -1), ip_address, spec FROM vms")) {
            while (found.next()) {
                JsonNode egress = Rest.JSON.readTree(found.getString(6)).path("egress");
                rows.put(
                        found.getString(2),
                        new Row(
                                found.getLong(1),
                                found.getString(2),
                                found.getString(3),
                                found.getLong(4),
                                found.getString(5),
                                egress.isArray() && !egress.isEmpty()));
            }
        }
        return rows;
    }

    /** What is there and should not be, and what should be and is not. */
    List<String> faults() throws IOException, SQLException, InterruptedException {
        Map<String, Row> rows = rows();
        List<Row> running = rows.values().stream().filter(Row::runs).toList();
        List<String> faults = new ArrayList<>();
        rows.values().stream()
                .filter(row ->
                        !row.runs() && !List.of("stopped", "crashed", "failed").contains(row.phase()))
                .forEach(row -> faults.add("on its way: " + row));
        compare(faults, "processes", running.stream().map(row -> row.id() + "=" + row.pid()), processes());
        compare(faults, "taps", running.stream().map(Row::tap), taps());
        compare(
                faults,
                "files",
                running.stream()
                        .flatMap(row -> Stream.of("control.sock", "qmp.sock", "console.in", "console.out")
                                .map(file -> row.id() + "/" + file)),
                files());
        compare(faults, "guests in nft", running.stream().map(row -> row.tap() + " " + row.address()), guests());
        compare(
                faults,
                "allowances in nft",
                running.stream().filter(Row::allowed).flatMap(row -> Stream.of("of-" + row.tap(), row.address())),
                allowances());
        compare(
                faults,
                "leases",
                rows.values().stream().map(row -> row.address() + "=" + row.id()),
                new TreeSet<>(
                        Databases.strings(
                                Databases.in(state),
                                "SELECT ip_address || '=' || coalesce(vm_id, '') FROM ip_allocations WHERE status = 'leased'")));
        compare(
                faults,
                "snapshots",
                Databases.strings(Databases.in(state), "SELECT id FROM snapshots WHERE whole").stream(),
                snapshots());
        compare(
                faults,
                "snapshots that are not whole, or templates that nothing is made of",
                Stream.of(),
                new TreeSet<>(Databases.strings(
                        Databases.in(state),
                        "SELECT id FROM snapshots WHERE NOT whole OR (NOT kept AND id NOT IN"
                                + " (SELECT origin FROM vms WHERE origin IS NOT NULL))")));
        Set<String> logs = logs();
        logs.removeAll(rows.keySet());
        compare(faults, "logs of no machine", Stream.of(), logs);
        return faults;
    }

    private static void compare(List<String> faults, String what, Stream<String> wanted, Set<String> found) {
        Set<String> expected = wanted.collect(Collectors.toCollection(TreeSet::new));
        if (!expected.equals(found)) {
            faults.add("%s: wanted %s, there are %s".formatted(what, expected, found));
        }
    }

    /** Of every process that has something of ours in its command line, as {@code id=pid}; two of one id are two. */
    private Set<String> processes() throws IOException {
        Set<String> found = new TreeSet<>();
        processIds().forEach((pid, id) -> found.add(id + "=" + pid));
        return found;
    }

    private Map<Long, String> processIds() throws IOException {
        Map<Long, String> found = new HashMap<>();
        String mark = run + "/";
        try (Stream<Path> all = Files.list(Path.of("/proc"))) {
            for (Path process : (Iterable<Path>) all::iterator) {
                String pid = process.getFileName().toString();
                if (!pid.chars().allMatch(Character::isDigit)) {
                    continue;
                }
                try {
                    String line = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
                    int at = line.indexOf(mark);
                    if (at >= 0 && !Machines.isDead(Long.parseLong(pid))) {
                        found.put(
                                Long.parseLong(pid),
                                line.substring(at + mark.length()).split("/", 2)[0]);
                    }
                } catch (IOException e) {
                    // It has ended between the listing and the reading.
                }
            }
        }
        return found;
    }

    private static Set<String> taps() throws IOException, InterruptedException {
        return Machines.said(List.of("ip", "-o", "link"))
                .lines()
                .map(line -> line.split(": ", 3)[1].split("@", 2)[0])
                .filter(name -> name.startsWith("vpt-"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Set<String> files() throws IOException {
        if (!Files.exists(run)) {
            return new TreeSet<>();
        }
        try (Stream<Path> found = Files.walk(run)) {
            return found.filter(path -> !path.equals(run))
                    .map(run::relativize)
                    .filter(path -> path.getNameCount() > 1 || isEmpty(run.resolve(path)))
                    .map(Path::toString)
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (UncheckedIOException e) {
            return new TreeSet<>(Set.of("changing: " + e.getMessage())); // a fault, so that it is looked at again
        }
    }

    private Set<String> snapshots() throws IOException {
        Path folder = state.resolve("snapshots");
        if (!Files.exists(folder)) {
            return new TreeSet<>();
        }
        try (Stream<Path> found = Files.list(folder)) {
            return found.map(path -> path.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static boolean isEmpty(Path folder) {
        String[] names = folder.toFile().list();
        return names == null || names.length == 0;
    }

    private static JsonNode ruleset() throws IOException, InterruptedException {
        return Rest.JSON
                .readTree(Machines.said(List.of("nft", "-j", "list", "ruleset")))
                .path("nftables");
    }

    private static Set<String> guests() throws IOException, InterruptedException {
        Set<String> found = new TreeSet<>();
        for (JsonNode part : ruleset()) {
            if (part.path("set").path("name").asString("").equals("guests")) {
                for (JsonNode element : part.path("set").path("elem")) {
                    JsonNode triple = element.path("concat");
                    found.add(triple.path(0).asString() + " " + triple.path(2).asString());
                }
            }
        }
        return found;
    }

    private static Set<String> allowances() throws IOException, InterruptedException {
        Set<String> found = new TreeSet<>();
        for (JsonNode part : ruleset()) {
            String chain = part.path("chain").path("name").asString("");
            if (chain.startsWith("of-")) {
                found.add(chain);
            }
            if (part.path("map").path("name").asString("").equals("allowances")) {
                part.path("map")
                        .path("elem")
                        .forEach(pair -> found.add(pair.path(0).asString()));
            }
        }
        return found;
    }

    private Set<String> logs() throws IOException {
        Path logs = state.resolve("logs");
        if (!Files.exists(logs)) {
            return new TreeSet<>();
        }
        try (Stream<Path> found = Files.list(logs)) {
            return found.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(".serial.log"))
                    .map(name -> name.substring(0, name.length() - ".serial.log".length()))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
