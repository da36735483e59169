package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The machines of one server, as its users reach them, and what of them is on the host. */
final class Machines {
    private static final Path BASE = Path.of(System.getProperty("basedir", ".")).toAbsolutePath();
    private static final long PATIENCE = Duration.ofMinutes(4).toNanos();

    private final Cluster cluster;

    /** A server that is not started yet, with this folder of images. */
    Machines(Path dir, String images) throws IOException {
        cluster = new Cluster(dir).with("VIBER_SUPERVISOR_IMAGES", images).with("VIBER_SUPERVISOR_QUARANTINE_MS", "1");
    }

    Cluster cluster() {
        return cluster;
    }

    /** Deletes every machine, and ends the server. */
    void close() throws IOException, InterruptedException {
        try {
            for (JsonNode vm : all()) {
                delete(vm.path("name").asString());
            }
        } finally {
            cluster.close();
        }
    }

    /** One that has the snapshot {@code blank}, with the images of the build; not started yet. */
    static Machines withBlank(Path dir) throws Exception {
        Machines machines = new Machines(dir, System.getProperty("vm.images"));
        Blank.into(machines.cluster.gatewayState());
        return machines;
    }

    /** A browser made of {@code blank}, ready. */
    JsonNode browser(String name, Map<String, Object> more) throws IOException, InterruptedException {
        Map<String, Object> body = new HashMap<>(more);
        body.putAll(Map.of("name", name, "snapshot", "blank"));
        return cluster.rest().post("/vms?wait=ready", body).expect(201);
    }

    static String viper(String command, List<String> options, String... more) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(Daemon.viber(command));
        words.addAll(options);
        words.addAll(List.of(more));
        return said(words);
    }

    static String said(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    /** What {@code viper vms ...} prints, asked of this server. */
    String vms(String... words) throws IOException, InterruptedException {
        return ask("vms", words);
    }

    /** What {@code viper COMMAND ...} prints, asked of this server. */
    String ask(String command, String... words) throws IOException, InterruptedException {
        return viper(command, here(words));
    }

    /** {@code viper vms ... --json}, as a process that stays. */
    Daemon vmsDaemon(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of("vms"));
        all.addAll(here(words));
        return Daemon.start("vms", Daemon.viber(all.toArray(String[]::new)), Map.of());
    }

    private List<String> here(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of(
                "--server", cluster.api(), "--state", cluster.gatewayState().toString()));
        return all;
    }

    /** Waits until no machine is on its way from one phase to another. */
    void settle() throws Exception {
        long end = System.nanoTime() + PATIENCE;
        while (System.nanoTime() < end) {
            boolean moving = false;
            for (JsonNode vm : cluster.rest().get("/vms").expect(200)) {
                moving |= List.of("pending", "starting", "stopping", "deleting")
                        .contains(vm.path("phase").asString());
            }
            if (!moving) {
                return;
            }
            Thread.sleep(100);
        }
    }

    Rest.Answer create(String name) throws IOException, InterruptedException {
        return cluster.rest().post("/vms", Map.of("name", name, "cpu_cores", 2, "memory_mb", 1024));
    }

    JsonNode vm(String name) throws IOException, InterruptedException {
        return cluster.insist(rest -> Rest.served(rest.get("/vms/" + name))).expect(200);
    }

    /** Waits until the machine is in this phase, and returns it. */
    JsonNode await(String name, String phase) throws Exception {
        long end = System.nanoTime() + PATIENCE;
        JsonNode seen = vm(name);
        while (!seen.path("phase").asString().equals(phase) && System.nanoTime() < end) {
            Thread.sleep(100);
            seen = vm(name);
        }
        assertThat(seen.path("phase").asString()).as(seen.toString()).isEqualTo(phase);
        return seen;
    }

    /** Starts, stops, pauses ..., and returns the phase it is in then. */
    String turn(String name, String verb) throws IOException, InterruptedException {
        return cluster.rest()
                .post("/vms/" + name + "/" + verb, null)
                .expect(200)
                .path("phase")
                .asString();
    }

    /** Gone, or waiting for whoever has to take note of its end: its server was killed, and it is init's child now. */
    static boolean isDead(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
        } catch (IOException e) {
            return true;
        }
    }

    /** What of machines is left on the host: processes, taps, folders. */
    List<String> left() throws IOException, InterruptedException {
        List<String> left = new ArrayList<>();
        Path folders = cluster.gatewayState().resolve("run/vms");
        if (Files.exists(folders)) {
            try (Stream<Path> found = Files.list(folders)) {
                found.forEach(folder -> left.add(folder.toString()));
            }
        }
        ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(folders.toString()))
                .forEach(process -> left.add("process " + process.pid()));
        said(List.of("ip", "-o", "link"))
                .lines()
                .filter(line -> line.contains("vpt-"))
                .forEach(left::add);
        return left;
    }

    Daemon proxy(String name) throws IOException {
        return Daemon.start(
                "proxy",
                Daemon.viber(
                        "browsers",
                        "proxy",
                        name,
                        "--port",
                        "0",
                        "--json",
                        "--server",
                        cluster.api(),
                        "--state",
                        cluster.gatewayState().toString()),
                Map.of());
    }

    String token() throws IOException {
        return Files.readString(cluster.gatewayState().resolve("owner.token")).strip();
    }

    /** Runs a program of {@code src/test/devtools}, and returns what it prints. */
    static JsonNode node(String script, String... arguments) throws IOException, InterruptedException {
        return node(script, Map.of(), arguments);
    }

    /** As {@link #node(String, String...)}, with further environment variables. */
    static JsonNode node(String script, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("node", script));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(BASE.resolve("target/devtools").toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return Rest.JSON.readTree(said);
    }

    /** Waits until a pool is as wanted, and returns it. */
    JsonNode pool(String name, Predicate<JsonNode> wanted) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE;
        JsonNode seen = pool(name);
        while (!wanted.test(seen) && System.nanoTime() < end) {
            Thread.sleep(100);
            seen = pool(name);
        }
        assertThat(wanted.test(seen)).as(seen.toString()).isTrue();
        return seen;
    }

    private JsonNode pool(String name) throws InterruptedException {
        return cluster.insist(rest -> Rest.served(rest.get("/pools/" + name))).expect(200);
    }

    List<JsonNode> all() throws IOException, InterruptedException {
        List<JsonNode> all = new ArrayList<>();
        cluster.insist(rest -> Rest.served(rest.get("/vms"))).expect(200).forEach(all::add);
        return all;
    }

    Rest.Answer delete(String name) throws IOException, InterruptedException {
        return cluster.rest().send("DELETE", "/vms/" + name, null, Map.of());
    }
}
