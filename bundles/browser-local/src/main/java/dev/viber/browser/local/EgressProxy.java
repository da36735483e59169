package dev.viber.browser.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP proxy that is a session's only way out: tunnels (CONNECT, which HTTPS and WebSockets take) and plain requests, one
 * for each connection, so that each is looked at.
 */
final class EgressProxy implements Door.Service {
    private static final Logger LOG = LoggerFactory.getLogger(EgressProxy.class);
    private static final int LONGEST_HEAD = 64 * 1024;
    private static final int DIAL_WITHIN_MS = 20_000;
    /** After so many, one in as many is told. */
    private static final long TELL_EACH = 100;

    private final String name;
    private final AtomicLong refused = new AtomicLong();
    private volatile Egress egress;

    /** A proxy of the session of this name. */
    EgressProxy(String name, Egress egress) {
        this.name = name;
        this.egress = egress;
    }

    /** Connections from now on are held to this. */
    void egress(Egress policy) {
        egress = policy;
    }

    /** The head of a message: its first line, its fields, and what was read behind it. */
    private record Head(List<String> lines, ByteBuffer rest) {
        /** As it is sent on: without what concerns this connection alone, and as the last on its own. */
        ByteBuffer closing(String first) {
            StringBuilder out = new StringBuilder(first).append("\r\n");
            boolean upgrade = lines.stream().anyMatch(each -> name(each).equals("upgrade"));
            for (String each : lines.subList(1, lines.size())) {
                String field = name(each);
                if (!field.startsWith("proxy-")
                        && !field.equals("keep-alive")
                        && (upgrade || !field.equals("connection"))) {
                    out.append(each).append("\r\n");
                }
            }
            out.append(upgrade ? "\r\n" : "Connection: close\r\n\r\n");
            return ByteBuffer.wrap(out.toString().getBytes(StandardCharsets.ISO_8859_1));
        }

        private static String name(String line) {
            int colon = line.indexOf(':');
            return colon < 0 ? "" : line.substring(0, colon).toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public void serve(SocketChannel client) throws IOException {
        Head head = read(client);
        if (head == null) {
            return;
        }
        String[] words = head.lines().getFirst().split(" ", -1);
        try {
            if (words.length != 3) {
                throw new IllegalArgumentException("the first line is no request");
            }
            if (words[0].equals("CONNECT")) {
                tunnel(client, words[1], head);
            } else {
                pass(client, words, head);
            }
        } catch (IllegalArgumentException | URISyntaxException e) {
            answer(client, "400 Bad Request", "The proxy cannot read this request: " + e.getMessage());
        } catch (Egress.RefusedException e) {
            long count = refused.incrementAndGet();
            if (count < TELL_EACH || count % TELL_EACH == 0) {
                LOG.info("Browser {}: {}", name, e.getMessage());
            }
            answer(client, "403 Forbidden", "Refused by the egress policy of this browser: " + e.getMessage());
        } catch (UnknownHostException e) {
            answer(client, "502 Bad Gateway", "There is no host " + e.getMessage());
        }
    }

    private void tunnel(SocketChannel client, String target, Head head) throws IOException {
        int colon = target.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("'" + target + "' is no host and port");
        }
        try (SocketChannel out = dial(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)))) {
            Channels.write(
                    client,
                    ByteBuffer.wrap("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            Channels.write(out, head.rest());
            Channels.join(client, out);
        } catch (NotReachedException e) {
            answer(client, "502 Bad Gateway", String.valueOf(e.getMessage()));
        }
    }

    private void pass(SocketChannel client, String[] words, Head head) throws IOException, URISyntaxException {
        String target = words[1];
        int path = target.indexOf('/', "http://".length());
        if (!target.regionMatches(true, 0, "http://", 0, "http://".length())) {
            throw new IllegalArgumentException("'" + target + "' is no http address");
        }
        // Only its first part: what Chrome lets stand in a path is not all that URI does.
        URI authority = new URI("http://" + (path < 0 ? target.substring(7) : target.substring(7, path)));
        if (authority.getHost() == null) {
            throw new IllegalArgumentException("'" + target + "' has no host");
        }
        int port = authority.getPort() < 0 ? 80 : authority.getPort();
        try (SocketChannel out = dial(authority.getHost(), port)) {
            Channels.write(out, head.closing(words[0] + " " + (path < 0 ? "/" : target.substring(path)) + " HTTP/1.1"));
            Channels.write(out, head.rest());
            Thread.ofVirtual().name("browser-request").start(() -> Channels.copy(client, out));
            Head answer = read(out);
            while (answer != null && answer.lines().getFirst().matches("HTTP/1\\.[01] 1(?!01)\\d\\d.*")) {
                // What comes before the answer, such as 103, no browser depends on.
                answer = read(out, answer.rest());
            }
            if (answer == null) {
                answer(client, "502 Bad Gateway", authority.getHost() + " gave no answer");
                return;
            }
            Channels.write(client, answer.closing(answer.lines().getFirst()));
            Channels.write(client, answer.rest());
            Channels.copy(out, client);
        } catch (NotReachedException e) {
            answer(client, "502 Bad Gateway", String.valueOf(e.getMessage()));
        }
    }

    private static final class NotReachedException extends IOException {
        private static final long serialVersionUID = 1;

        NotReachedException(String message, IOException cause) {
            super(message, cause);
        }
    }

    private SocketChannel dial(String host, int port) throws IOException {
        String plain = host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
        IOException last = new IOException("it has no address");
        for (InetAddress each : egress.addresses(plain, port)) {
            SocketChannel out = SocketChannel.open();
            try {
                out.socket().connect(new InetSocketAddress(each, port), DIAL_WITHIN_MS);
                out.setOption(StandardSocketOptions.TCP_NODELAY, true);
                return out;
            } catch (IOException e) {
                out.close();
                last = e;
            }
        }
        throw new NotReachedException("%s port %d: %s".formatted(host, port, last.getMessage()), last);
    }

    private static @Nullable Head read(SocketChannel from) throws IOException {
        return read(from, ByteBuffer.allocate(0));
    }

    /** Reads up to the empty line; null where the connection ends before. */
    private static @Nullable Head read(SocketChannel from, ByteBuffer before) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(Math.max(16 * 1024, before.remaining()));
        buffer.put(before);
        do {
            bytes.write(buffer.array(), 0, buffer.position());
            byte[] all = bytes.toByteArray();
            String text = new String(all, StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0) {
                List<String> lines =
                        new ArrayList<>(List.of(text.substring(0, end).split("\r\n", -1)));
                return new Head(lines, ByteBuffer.wrap(all, end + 4, all.length - end - 4));
            }
            if (all.length > LONGEST_HEAD) {
                throw new IOException("a head of more than " + LONGEST_HEAD + " bytes");
            }
        } while (from.read(buffer.clear()) >= 0);
        return null;
    }

    private static void answer(SocketChannel client, String status, String text) throws IOException {
        byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + status
                + "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n"
                + "Content-Length: " + body.length + "\r\nConnection: close\r\n\r\n";
        Channels.write(client, ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
        Channels.write(client, ByteBuffer.wrap(body));
    }
}
