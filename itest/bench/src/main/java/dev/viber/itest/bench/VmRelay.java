package dev.viber.itest.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * P10: what the server's way to DevTools costs, against the same endpoint without it, in turns on connections that both stay
 * open: the DevTools of an emulated guest, and {@link Echo} at a guest's address, where nothing is emulated.
 */
final class VmRelay {
    private static final int BLOCK = 100;
    private static final long BLAST = 1L << 30;
    private static final int PORT = 9222;

    /** Microseconds of one message and its answer, sorted; without the relay and with it. */
    record Latency(String what, List<Double> direct, List<Double> relayed) {
        double added(double share) {
            return at(relayed, share) - at(direct, share);
        }

        static double at(List<Double> sorted, double share) {
            return sorted.get((int) Math.min(sorted.size() - 1L, (long) (share * sorted.size())));
        }
    }

    /** MB/s (millions of bytes), medians. */
    record Throughput(String what, double direct, double relayed) {}

    /** Both. */
    record Figures(List<Latency> latencies, List<Throughput> throughputs) {}

    private final Server server;
    private final Path state;
    private final List<Latency> latencies = new ArrayList<>();
    private final List<Throughput> throughputs = new ArrayList<>();

    /** Of a server with its state in this folder. */
    VmRelay(Server server, Path state) {
        this.server = server;
        this.state = state;
    }

    Figures figures() {
        return new Figures(latencies, throughputs);
    }

    /** A guest's own DevTools: so many times {@code Browser.getVersion} each way. */
    void guest(int messages) throws IOException, InterruptedException, SQLException {
        JsonNode vm = server.send(
                "POST", "/vms?wait=ready", Map.of("name", "devtools", "cpu_cores", 2, "memory_mb", 1024), 201);
        String path = vm.path("guest").path("websocket-path").asString();
        URI guest = URI.create("http://%s:%d".formatted(vm.path("ip_address").asString(), PORT));
        byte[] question = frame("{\"id\":1,\"method\":\"Browser.getVersion\"}");
        try (SocketChannel direct = upgrade(guest, path, token("devtools")).channel();
                SocketChannel relayed = upgrade(server.api(), relay("devtools", path), server.token())
                        .channel()) {
            latencies.add(turns("Browser.getVersion, emulated guest", messages, question, direct, relayed, true));
        }
        server.send("DELETE", "/vms/devtools", 204);
    }

    /** {@link Echo} in the place of a guest that has no network: the server reaches it as it reaches any guest. */
    void echo(int messages, int rounds) throws IOException, InterruptedException {
        JsonNode vm = server.post("/vms", Map.of("name", "echo", "cpu_cores", 1, "memory_mb", 64));
        String address = vm.path("ip_address").asString();
        Proc.run(List.of("ip", "addr", "add", address + "/32", "dev", "lo"));
        Process echo = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Echo.class.getName(),
                        address,
                        Integer.toString(PORT))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            Server.readyLine(echo);
            URI guest = URI.create("http://%s:%d".formatted(address, PORT));
            byte[] question = frame("x".repeat(300));
            try (SocketChannel direct = upgrade(guest, "/devtools/echo", "none").channel();
                    SocketChannel relayed = upgrade(server.api(), relay("echo", "/devtools/echo"), server.token())
                            .channel()) {
                turns("warm", messages, question, direct, relayed, false);
                latencies.add(
                        turns("300 bytes, echo at the guest's address", messages, question, direct, relayed, false));
            }
            throughputs.add(throughput("to the client", "blast", guest, rounds));
            throughputs.add(throughput("to the guest", "sink", guest, rounds));
        } finally {
            echo.destroyForcibly().waitFor();
            Proc.run(List.of("ip", "addr", "del", address + "/32", "dev", "lo"));
            server.send("DELETE", "/vms/echo", 204);
        }
    }

    private static String relay(String name, String path) {
        return "/api/v1/vms/%s%s".formatted(name, path);
    }

    private static Wire upgrade(URI api, String path, String token) throws IOException {
        return Wire.open(
                api,
                path,
                101,
                Map.of(
                        "Upgrade", "websocket",
                        "Connection", "Upgrade",
                        "Sec-WebSocket-Version", "13",
                        "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
                        "Authorization", "Bearer " + token));
    }

    /** The guest's own token, which the server tells nobody. */
    private String token(String name) throws SQLException, IOException {
        try (Connection store = DriverManager.getConnection("jdbc:sqlite:" + state.resolve("state.db"));
                PreparedStatement select = store.prepareStatement("SELECT token FROM vms WHERE name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
                if (!row.next()) {
                    throw new IOException("the store has no vm " + name);
                }
                return row.getString(1);
            }
        }
    }

    private static Latency turns(
            String what, int messages, byte[] question, SocketChannel direct, SocketChannel relayed, boolean frames)
            throws IOException {
        double[] one = new double[messages];
        double[] other = new double[messages];
        for (int at = 0; at < messages; at += BLOCK) {
            int end = Math.min(messages, at + BLOCK);
            for (int i = at; i < end; i++) {
                one[i] = ask(direct, question, frames);
            }
            for (int i = at; i < end; i++) {
                other[i] = ask(relayed, question, frames);
            }
        }
        return new Latency(what, sorted(one), sorted(other));
    }

    private static List<Double> sorted(double[] values) {
        return Arrays.stream(values).sorted().boxed().toList();
    }

    private static double ask(SocketChannel channel, byte[] question, boolean frames) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(16 * 1024);
        long begin = System.nanoTime();
        channel.write(ByteBuffer.wrap(question));
        int wanted = frames ? Integer.MAX_VALUE : question.length;
        while (in.position() < wanted) {
            if (channel.read(in) < 0) {
                throw new IOException("closed before the answer");
            }
            if (frames && in.position() >= 4) {
                int length = in.get(1) & 0x7F;
                wanted = length < 126 ? length + 2 : Short.toUnsignedInt(in.getShort(2)) + 4;
            }
        }
        return (System.nanoTime() - begin) / 1e3;
    }

    private Throughput throughput(String what, String path, URI guest, int rounds) throws IOException {
        String asked = "/devtools/%s?bytes=%d".formatted(path, BLAST);
        double[] direct = new double[rounds];
        double[] relayed = new double[rounds];
        carry(upgrade(server.api(), relay("echo", asked), server.token()), path);
        for (int i = 0; i < rounds; i++) {
            direct[i] = carry(upgrade(guest, asked, "none"), path);
            relayed[i] = carry(upgrade(server.api(), relay("echo", asked), server.token()), path);
        }
        Arrays.sort(direct);
        Arrays.sort(relayed);
        return new Throughput(what, direct[rounds / 2], relayed[rounds / 2]);
    }

    /** MB/s of so many bytes one way. */
    private static double carry(Wire wire, String path) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(256 * 1024);
        try (SocketChannel channel = wire.channel()) {
            long begin = System.nanoTime();
            if (path.equals("sink")) {
                for (long left = BLAST; left > 0; ) {
                    bytes.clear().limit((int) Math.min(bytes.capacity(), left));
                    left -= channel.write(bytes);
                }
                channel.read(bytes.clear());
            } else {
                for (long left = BLAST - wire.rest().remaining(); left > 0; ) {
                    int read = channel.read(bytes.clear());
                    if (read < 0) {
                        throw new IOException("the end, with %d bytes to come".formatted(left));
                    }
                    left -= read;
                }
            }
            return BLAST / 1e6 / ((System.nanoTime() - begin) / 1e9);
        }
    }

    private static byte[] frame(String text) {
        byte[] body = text.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(body.length + 8)
                .put((byte) 0x81)
                .put((byte) (0x80 | 126))
                .putShort((short) body.length)
                .putInt(0) // the mask
                .put(body)
                .array();
    }

    /** Both as tables. */
    static String table(Figures figures) {
        StringBuilder text = new StringBuilder("\nP10, a message and its answer; µs\n\n")
                .append("| | n | direct p50 | p99 | relayed p50 | p99 | added p50 | p99 |\n")
                .append("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        for (Latency each : figures.latencies()) {
            text.append("| %s | %,d | %,.0f | %,.0f | %,.0f | %,.0f | **%,.0f** | %,.0f |%n"
                    .formatted(
                            each.what(),
                            each.direct().size(),
                            Latency.at(each.direct(), 0.5),
                            Latency.at(each.direct(), 0.99),
                            Latency.at(each.relayed(), 0.5),
                            Latency.at(each.relayed(), 0.99),
                            each.added(0.5),
                            each.added(0.99)));
        }
        if (!figures.throughputs().isEmpty()) {
            text.append("\n| MB/s, echo at the guest's address | direct | relayed |\n| --- | ---: | ---: |\n");
        }
        for (Throughput each : figures.throughputs()) {
            text.append("| %s | %,.0f | **%,.0f** |%n".formatted(each.what(), each.direct(), each.relayed()));
        }
        return text.toString();
    }

    /** For the file: quantiles, not every message. */
    static Object json(Figures figures) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Latency each : figures.latencies()) {
            Map<String, Object> one = new HashMap<>();
            one.put("what", each.what());
            for (double share : new double[] {0.5, 0.95, 0.99}) {
                one.put("direct p" + share, Latency.at(each.direct(), share));
                one.put("relayed p" + share, Latency.at(each.relayed(), share));
            }
            all.add(one);
        }
        return Map.of("latencies", all, "throughputs", figures.throughputs());
    }
}
