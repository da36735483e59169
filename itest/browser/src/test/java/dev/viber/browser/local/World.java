package dev.viber.browser.local;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;

/**
 * What lies around the host: addresses of all kinds, with a server at each that tells who came. It runs in a network of its
 * own; another one like it is the host's own loopback.
 */
final class World implements AutoCloseable {
    private static final String SCRIPT = """
            echo waits
            read -r go
            ip link set lo up
            ip addr add 198.51.99.2/30 dev world0
            ip link set world0 up
            for address in 8.8.4.4 10.1.2.3 169.254.169.254 172.16.9.9 192.168.77.7 100.64.1.1; do
              ip addr add $address/32 dev lo
            done
            ip addr add fd00:77::2/64 dev world0 nodad
            ip -6 addr add 2600:77::2/128 dev lo nodad
            ip -6 route add 2600:88::/64 dev world0
            ip route add default via 198.51.99.1
            exec "$@"
            """;

    private final Process process;
    private final Set<String> seen = new ConcurrentSkipListSet<>();

    World() throws IOException, InterruptedException {
        said("ip", "link", "add", "up0", "type", "veth", "peer", "name", "world0");
        process = new ProcessBuilder(
                        "unshare",
                        "--net",
                        "--kill-child",
                        "--fork",
                        "sh",
                        "-ec",
                        SCRIPT,
                        "sh",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        World.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        output.readLine();
        long child = process.children().findFirst().orElseThrow().pid();
        said("ip", "link", "set", "world0", "netns", Long.toString(child));
        said("ip", "addr", "add", "198.51.99.1/30", "dev", "up0");
        said("ip", "link", "set", "up0", "up");
        said("ip", "route", "add", "default", "via", "198.51.99.2");
        said("ip", "addr", "add", "fd00:77::1/64", "dev", "up0", "nodad");
        said("ip", "-6", "route", "add", "2600:77::/64", "via", "fd00:77::2");
        process.outputWriter().append("go\n").flush();
        output.readLine();
        Thread.ofVirtual().start(() -> output.lines().forEach(seen::add));
    }

    /** Whether a request for this path came to any server, here or there. */
    boolean saw(String path) {
        return seen.stream().anyMatch(each -> each.endsWith(" /" + path));
    }

    /** The same, where one did: it may be told a moment later. */
    boolean sees(String path) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!saw(path) && System.nanoTime() < end) {
            Thread.sleep(20);
        }
        return saw(path);
    }

    Set<String> seen() {
        return seen;
    }

    /** Serves at the loopback of this host, too. */
    ServerSocket here(String address) throws IOException {
        ServerSocket server = new ServerSocket();
        server.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
        Thread.ofVirtual().start(() -> serve(server, seen::add));
        return server;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The servers of the other side. */
    public static void main(String[] args) throws IOException {
        ServerSocket server = new ServerSocket(80);
        System.out.println("serves");
        serve(server, System.out::println);
    }

    private interface Witness {
        void tell(String line);
    }

    private static void serve(ServerSocket server, Witness witness) {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> {
                    try (client) {
                        answer(client, witness);
                    } catch (Exception e) {
                        // It was told of before.
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void answer(Socket client, Witness witness) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
        String first = in.readLine();
        String key = "";
        for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
            if (line.toLowerCase(java.util.Locale.ROOT).startsWith("sec-websocket-key:")) {
                key = line.substring(line.indexOf(':') + 1).strip();
            }
        }
        String path = first.split(" ", -1)[1];
        witness.tell(client.getLocalAddress().getHostAddress() + " " + path);
        OutputStream out = client.getOutputStream();
        if (!key.isEmpty()) {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            out.write(
                    ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                                    + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            // A text of two letters.
            out.write(new byte[] {(byte) 0x81, 2, 'h', 'i'});
            in.read();
        } else if (path.startsWith("/redirect?to=")) {
            String to = URLDecoder.decode(path.substring("/redirect?to=".length()), StandardCharsets.UTF_8);
            out.write(("HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        } else {
            byte[] body = ("<!doctype html><title>page</title><p>welcome to " + path + "</p>")
                    .getBytes(StandardCharsets.UTF_8);
            out.write(
                    ("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: "
                                    + body.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
        }
        out.flush();
    }

    static String said(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + ": " + said);
        }
        return said;
    }
}
