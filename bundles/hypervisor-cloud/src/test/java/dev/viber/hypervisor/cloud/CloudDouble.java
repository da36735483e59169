package dev.viber.hypervisor.cloud;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A stand-in for the program cloud-hypervisor, in a process of its own: no machine is behind it, but its command line, its
 * HTTP to the byte, its errors, states, events and files are those measured of v53.0. Its version says that it is a double.
 *
 * <p>Its guest obeys {@code do=} as the guest of build/probe-guest does, and {@code vsock=listens}, {@code vsock=calls} or
 * {@code vsock=silent}.
 */
final class CloudDouble {
    private static final int CONNECTIONS = 10;
    private static final String NOT_CREATED = "VM is not created";
    private static final String NOT_RUNNING = "VM is not running";

    private final Path api;
    private final Path events;
    private final boolean stays;
    private final AtomicInteger open = new AtomicInteger();
    private final long began = System.nanoTime();
    private @Nullable JsonNode config;
    private String state = "Created";
    private @Nullable ServerSocketChannel vsock;
    private int hostPort = 1 << 30;

    private CloudDouble(Path api, Path events, boolean stays) {
        this.api = api;
        this.events = events;
        this.stays = stays;
    }

    public static void main(String[] arguments) throws IOException {
        List<String> line = List.of(arguments);
        if (line.contains("--version")) {
            System.out.println("cloud-hypervisor v53.0-double");
            return;
        }
        CloudDouble all = new CloudDouble(
                path(line, "--api-socket"), path(line, "--event-monitor"), line.contains("--no-shutdown"));
        all.serve();
    }

    private static Path path(List<String> line, String option) {
        String value = line.get(line.indexOf(option) + 1).substring("path=".length());
        if (value.contains(",") && !value.startsWith("\"")) {
            throw new IllegalArgumentException("unknown option in " + value);
        }
        return Path.of(value.replace("\"", ""));
    }

    private void serve() throws IOException {
        Files.write(events, new byte[0]);
        event("vmm", "starting");
        Files.write(Path.of(api + ".lock"), new byte[0]);
        Files.deleteIfExists(api);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(true)));
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(api));
        while (true) {
            SocketChannel connection = server.accept();
            if (open.incrementAndGet() > CONNECTIONS) {
                write(
                        connection,
                        "HTTP/1.1 503\r\nServer: Firecracker API\r\nConnection: close\r\nContent-Length: 40\r\n\r\n"
                                + "{ \"error\": \"Too many open connections\" }");
                connection.close();
                open.decrementAndGet();
                continue;
            }
            Thread.ofVirtual().start(() -> {
                try (connection) {
                    InputStream in = new BufferedInputStream(Channels.newInputStream(connection));
                    while (true) {
                        answer(connection, in);
                    }
                } catch (IOException e) {
                    open.decrementAndGet();
                }
            });
        }
    }

    private void answer(SocketChannel connection, InputStream in) throws IOException {
        String[] request = line(in).split(" ", 3);
        int length = 0;
        String fault = "";
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            } else if (lower.startsWith("transfer-encoding:")) {
                fault = "Unsupported header.";
            }
        }
        if (length > 51_200) {
            fault = "Request payload with size " + length + " is larger than the limit of 51200.";
        }
        if (!fault.isEmpty()) {
            String body = "{ \"error\": \"" + fault + "\nAll previous unanswered requests will be dropped.\" }";
            write(
                    connection,
                    "HTTP/1.1 400 \r\nServer: Firecracker API\r\nConnection: keep-alive\r\n"
                            + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                            + body);
            return;
        }
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        Answer answer;
        synchronized (this) {
            answer = request[1].startsWith("/api/v1/")
                    ? call(request[0] + " " + request[1].substring(8), body)
                    : error(404, "Not Found");
        }
        String head = "HTTP/1.1 " + answer.status + " \r\nServer: Cloud Hypervisor API\r\nConnection: keep-alive\r\n";
        write(
                connection,
                answer.status == 204
                        ? head + "\r\n"
                        : head + "Content-Type: application/json\r\nContent-Length: "
                                + answer.body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + answer.body);
        if (answer.ends) {
            System.exit(0);
        }
    }

    private record Answer(int status, String body, boolean ends) {}

    private static Answer error(int status, String... reasons) {
        return new Answer(status, JsonMapper.shared().writeValueAsString(reasons), false);
    }

    private static Answer done() {
        return new Answer(204, "", false);
    }

    private Answer call(String call, String body) throws IOException {
        boolean up = !state.equals("Created");
        if (!body.isEmpty()
                != List.of("PUT vm.create", "PUT vm.snapshot", "PUT vm.restore").contains(call)) {
            return body.isEmpty() ? new Answer(400, "", false) : error(400, "Bad Request");
        }
        return switch (call) {
            case "GET vmm.ping" ->
                new Answer(
                        200,
                        "{\"build_version\":\"v53.0-double\",\"version\":\"53.0.0\",\"pid\":%d,\"features\":[]}"
                                .formatted(ProcessHandle.current().pid()),
                        false);
            case "GET vm.info" ->
                config == null
                        ? error(404, "Error from API", "The VM info is not available", NOT_CREATED)
                        : new Answer(
                                200,
                                "{\"config\":%s,\"state\":\"%s\",\"memory_actual_size\":0}".formatted(config, state),
                                false);
            case "PUT vm.create" -> create(body);
            case "PUT vm.boot" -> boot();
            case "PUT vm.snapshot" -> snapshot(body);
            case "PUT vm.restore" -> restore(body);
            case "PUT vm.delete" -> {
                shutDown();
                config = null;
                event("vm", "deleted");
                yield done();
            }
            case "PUT vmm.shutdown" -> {
                end(false);
                yield new Answer(200, "", true);
            }
            case "PUT vm.pause", "PUT vm.resume", "PUT vm.shutdown", "PUT vm.power-button", "GET vm.counters" -> {
                String does = call.substring(call.indexOf('.') + 1);
                yield up ? live(does) : error(500, "Error from API", "The VM could not " + does, NOT_RUNNING);
            }
            default -> error(404, "Not Found");
        };
    }

    private Answer create(String body) throws IOException {
        if (config != null) {
            return error(500, "Error from API", "The VM could not be created", "VM is already created");
        }
        try {
            config = JsonMapper.shared().readTree(body);
        } catch (JacksonException e) {
            return error(400, "Failed to deserialize JSON", "expected value at line 1 column 1");
        }
        Files.write(Path.of(config.path("serial").path("file").asString("")), new byte[0]);
        return done();
    }

    private Answer live(String does) throws IOException {
        return switch (does) {
            case "pause" -> become("paus", "Paused");
            case "resume" -> become("resum", "Running");
            case "counters" -> new Answer(200, "{}", false);
            case "shutdown" -> {
                shutDown();
                yield done();
            }
            default -> done();
        };
    }

    private Answer become(String doing, String wanted) throws IOException {
        if (state.equals(wanted)) {
            return error(
                    500,
                    "Error from API",
                    "The VM could not be " + doing + "ed",
                    "Cannot " + doing + "e VM",
                    "Failed to " + doing + "e migratable component",
                    "Invalid transition: InvalidStateTransition(" + state + ", " + wanted + ")");
        }
        event("vm", doing + "ing");
        state = wanted;
        event("vm", doing + "ed");
        return done();
    }

    private static Path folder(String body, String member) {
        return Path.of(
                JsonMapper.shared().readTree(body).path(member).asString("").substring("file://".length()));
    }

    private Answer snapshot(String body) throws IOException {
        if (state.equals("Created")) {
            return error(500, "Error from API", "The VM could not be snapshotted", NOT_RUNNING);
        }
        if (!state.equals("Paused")) {
            return error(
                    500,
                    "Error from API",
                    "The VM could not be snapshotted",
                    "Cannot snapshot VM",
                    "Trying to snapshot while VM is running");
        }
        Path folder = folder(body, "destination_url");
        if (Files.exists(folder.resolve("config.json"))) {
            return error(
                    500,
                    "Error from API",
                    "The VM could not be snapshotted",
                    "Cannot send VM snapshot",
                    "File exists (os error 17)");
        }
        event("vm", "snapshotting");
        Files.writeString(folder.resolve("config.json"), String.valueOf(config));
        Files.writeString(folder.resolve("state.json"), "{}");
        Files.write(folder.resolve("memory-ranges"), new byte[4096]);
        event("vm", "snapshotted");
        return done();
    }

    /** As v53 without userfaultfd: on demand is refused. */
    private Answer restore(String body) throws IOException {
        if (config != null) {
            return error(500, "Error from API", "The VM could not be restored", "VM is already created");
        }
        Path folder = folder(body, "source_url");
        if (body.contains("OnDemand")) {
            return error(500, "Error from API", "The VM could not be restored", "userfaultfd is not available");
        }
        for (String name : List.of("config.json", "state.json", "memory-ranges")) {
            if (!Files.exists(folder.resolve(name))) {
                return error(
                        500,
                        "Error from API",
                        "The VM could not be restored",
                        "Cannot restore VM from source",
                        "No such file or directory (os error 2)");
            }
        }
        event("vm", "restoring");
        config = JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve("config.json")));
        Path serial = Path.of(config.path("serial").path("file").asString(""));
        Files.write(serial, new byte[0]);
        Path socket = Path.of(config.path("vsock").path("socket").asString(""));
        vsock = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        state = "Paused";
        event("vm", "restored");
        ServerSocketChannel host = vsock;
        String cmdline = config.path("payload").path("cmdline").asString("");
        Thread.ofVirtual().start(() -> hold(host, cmdline));
        return done();
    }

    private Answer boot() throws IOException {
        JsonNode machine = config;
        if (machine == null) {
            return error(404, "Error from API", "The VM could not boot", "VM config is missing");
        }
        if (!state.equals("Created")) {
            return error(500, "Error from API", "The VM could not boot", "VM is already created");
        }
        event("vm", "booting");
        if (!Files.exists(Path.of(machine.path("payload").path("kernel").asString("")))) {
            return error(
                    500,
                    "Error from API",
                    "The VM could not boot",
                    "Cannot open kernel file",
                    "No such file or directory (os error 2)");
        }
        Path socket = Path.of(machine.path("vsock").path("socket").asString(""));
        if (Files.exists(socket)) {
            return error(
                    500,
                    "Error from API",
                    "The VM could not boot",
                    "Error from device manager",
                    "Cannot create virtio-vsock backend",
                    "Error binding to the host-side Unix socket",
                    "Address already in use (os error 98)");
        }
        vsock = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        state = "Running";
        event("vm", "booted");
        String cmdline = machine.path("payload").path("cmdline").asString("");
        ServerSocketChannel host = vsock;
        Thread.ofVirtual().start(() -> hold(host, cmdline));
        Thread.ofVirtual().start(() -> guest(machine, cmdline, socket));
        return done();
    }

    /** What the guest does. */
    private void guest(JsonNode machine, String cmdline, Path socket) {
        try {
            Path serial = Path.of(machine.path("serial").path("file").asString(""));
            if (cmdline.contains("vsock=calls")) {
                SocketChannel call = SocketChannel.open(UnixDomainSocketAddress.of(socket + "_1024"));
                write(call, "booted protocol=1\n");
            }
            if (cmdline.contains("do=probe")) {
                Files.writeString(serial, "proven\n", StandardOpenOption.APPEND);
            } else {
                Files.writeString(serial, "ready\n", StandardOpenOption.APPEND);
            }
            synchronized (this) {
                if (cmdline.contains("do=again")) {
                    event("vm", "rebooting");
                    event("vm", "rebooted");
                } else if (cmdline.contains("do=xpanic")) {
                    event("guest", "panic");
                }
            }
            if (cmdline.contains("do=now") || cmdline.contains("do=probe")) {
                shutDown();
                if (!stays) {
                    System.exit(0);
                }
            }
        } catch (IOException e) {
            System.err.println("guest: " + e);
        }
    }

    /** The host's calls. */
    private void hold(ServerSocketChannel host, String cmdline) {
        try {
            while (true) {
                SocketChannel call = host.accept();
                InputStream in = Channels.newInputStream(call);
                String wanted = line(in);
                if (wanted.equals("CONNECT 1024") && cmdline.contains("vsock=listens")) {
                    write(call, "OK " + hostPort++ + "\nhello there\n");
                } else if (!cmdline.contains("vsock=silent")) {
                    call.close();
                }
            }
        } catch (IOException e) {
            System.err.println("vsock: " + e);
        }
    }

    private synchronized void shutDown() throws IOException {
        if (state.equals("Created")) {
            return;
        }
        event("vm", "shutdown");
        state = "Created";
        ServerSocketChannel had = vsock;
        if (had != null && config != null) {
            had.close();
            Files.deleteIfExists(Path.of(config.path("vsock").path("socket").asString("")));
        }
    }

    /** The process ends in good order. */
    private void end(boolean atOnce) {
        try {
            shutDown();
            if (Files.deleteIfExists(api)) {
                event("vmm", "shutdown");
            }
        } catch (IOException e) {
            System.err.println("end: " + e);
        }
        if (atOnce) {
            Runtime.getRuntime().halt(0);
        }
    }

    private synchronized void event(String source, String name) throws IOException {
        long at = System.nanoTime() - began;
        Files.writeString(
                events, """
                {
                  "timestamp": {
                    "secs": %d,
                    "nanos": %d
                  },
                  "source": "%s",
                  "event": "%s",
                  "properties": null
                }

                """.formatted(at / 1_000_000_000, at % 1_000_000_000, source, name), StandardOpenOption.APPEND);
    }

    private static String line(InputStream in) throws IOException {
        List<Byte> line = new ArrayList<>();
        for (int one = in.read(); one != '\n'; one = in.read()) {
            if (one < 0) {
                throw new EOFException();
            }
            line.add((byte) one);
        }
        byte[] bytes = new byte[line.size()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = line.get(i);
        }
        return new String(bytes, StandardCharsets.UTF_8).strip();
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
