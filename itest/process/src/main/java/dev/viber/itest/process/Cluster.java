package dev.viber.itest.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import tools.jackson.databind.JsonNode;

/** A gateway and vibers as processes on one machine, each with a state folder that outlives them. */
final class Cluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    /** A request that may find the gateway gone. */
    @FunctionalInterface
    interface Request<T> {
        T send(Rest rest) throws IOException, InterruptedException;
    }

    private final Path dir;
    private final int port;
    private final Map<String, String> environment = new HashMap<>();
    private List<String> wrapper = List.of();
    private Daemon gateway;
    private Daemon viber;
    private Rest rest;
    private int generation;
    /** Where the gateway speaks plain HTTP beside TLS; null where it has no TLS. */
    private volatile String local;

    private volatile String scheme = "ws";

    Cluster(Path dir) throws IOException {
        this.dir = dir;
        port = freePort();
        Files.createDirectories(workspace());
    }

    // Below the range of outgoing connections: a client dialing a gateway that is down could otherwise be given the
    // gateway's own port as its source, and would be connected with itself. A machine set up for very many connections
    // has
    // no room below; there any port will do.
    private static int freePort() throws IOException {
        String[] range = Files.readString(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))
                .strip()
                .split("\\s+", -1);
        int begin = Integer.parseInt(range[0]);
        int end = begin < 4096 ? 32_768 : begin;
        for (int tries = 0; tries < 1000; tries++) {
            int port = ThreadLocalRandom.current().nextInt(end / 2, end);
            try (ServerSocket socket = new ServerSocket()) {
                socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return socket.getLocalPort();
            } catch (IOException e) {
                if (tries == 999) {
                    throw e;
                }
            }
        }
        throw new IOException("no free port");
    }

    Path gatewayState() {
        return dir.resolve("gateway");
    }

    Path viberState(String id) {
        return dir.resolve("viber-" + id);
    }

    Path workspace() {
        return dir.resolve("workspace");
    }

    int port() {
        return port;
    }

    String api() {
        String plain = local;
        return plain != null ? plain : "http://127.0.0.1:" + port + "/api/v1";
    }

    String ws() {
        return scheme + "://127.0.0.1:" + port + "/vibers/ws";
    }

    /** Sets an environment variable of the gateway from its next start on. */
    Cluster with(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Puts this command in front of the gateway's from its next start on. */
    Cluster under(List<String> command) {
        wrapper = List.copyOf(command);
        return this;
    }

    /** Starts the gateway and returns its ready line. */
    JsonNode startGateway() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(Daemon.viber(
                "server",
                "--json",
                "--listen",
                "127.0.0.1:" + port,
                "--state",
                gatewayState().toString()));
        Daemon started = Daemon.start("gateway", command, environment);
        synchronized (this) {
            gateway = started;
        }
        JsonNode ready = started.ready();
        local = ready.path("local").asString(null);
        scheme = ready.path("ws").asString().startsWith("wss:") ? "wss" : "ws";
        String token = Files.readString(gatewayState().resolve("owner.token"), StandardCharsets.UTF_8)
                .strip();
        synchronized (this) {
            rest = new Rest(api(), token);
            generation++;
            notifyAll();
        }
        return ready;
    }

    /** A new token for the viber of this id: {@code id} and {@code token}. */
    JsonNode issueToken(String viberId) throws IOException, InterruptedException {
        return rest().post("/vibers/" + viberId + "/tokens", Map.of()).expect(201);
    }

    /** Starts a viber and returns its ready line. */
    JsonNode startViber(String id, String token) throws IOException, InterruptedException {
        return startViber(id, token, Map.of());
    }

    /** Starts a viber with further environment variables and returns its ready line. */
    JsonNode startViber(String id, String token, Map<String, String> more) throws IOException, InterruptedException {
        Map<String, String> variables = new HashMap<>(more);
        variables.put("VIBER_TOKEN", token);
        Daemon started = Daemon.start(
                "viber",
                Daemon.viber(
                        "start",
                        "--json",
                        "--server",
                        ws(),
                        "--id",
                        id,
                        "--state",
                        viberState(id).toString(),
                        "--workspace",
                        workspace().toString()),
                variables);
        synchronized (this) {
            viber = started;
        }
        return started.ready();
    }

    synchronized Daemon gateway() {
        return gateway;
    }

    synchronized Daemon viber() {
        return viber;
    }

    /** SIGKILL for the gateway. */
    void killGateway() throws InterruptedException {
        Daemon victim;
        synchronized (this) {
            victim = gateway;
            if (rest != null) {
                rest.close();
            }
            rest = null;
        }
        victim.kill();
    }

    /** The gateway's interface, waited for while the gateway is away. */
    synchronized Rest rest() throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (rest == null) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new IllegalStateException("the gateway does not come back");
            }
            wait(Math.max(1, left / 1_000_000));
        }
        return rest;
    }

    private synchronized int generation() {
        return generation;
    }

    /** Waits until the gateway was started anew, at most a short while: the request may have failed for another reason. */
    private synchronized void awaitRestart(int since) throws InterruptedException {
        long end = System.nanoTime() + 500_000_000L;
        while (generation == since) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return;
            }
            wait(left);
        }
    }

    /** Sends the request until a gateway has answered it; fails where one that is up does not for some minutes. */
    <T> T insist(Request<T> request) throws InterruptedException {
        int failing = -1;
        long since = 0;
        while (true) {
            int before = generation();
            try {
                return request.send(rest());
            } catch (IOException e) {
                // Counted anew for each gateway: a stream may well be followed for longer than that, over many kills.
                if (failing != before) {
                    failing = before;
                    since = System.nanoTime();
                } else if (System.nanoTime() - since > PATIENCE.toNanos()) {
                    throw new IllegalStateException("no answer for " + PATIENCE, e);
                }
            }
            awaitRestart(before);
        }
    }

    /** New connections from here on, the old ones closed. */
    synchronized void closeConnections() throws IOException {
        if (rest != null) {
            rest.close();
            rest = new Rest(
                    api(),
                    Files.readString(gatewayState().resolve("owner.token"), StandardCharsets.UTF_8)
                            .strip());
        }
    }

    @Override
    public synchronized void close() {
        if (rest != null) {
            rest.close();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (viber != null) {
            viber.close();
        }
    }
}
