package dev.viber.hypervisor.cloud;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * The HTTP API of one process: one connection that stays, one call at a time (the server does no more, for all its
 * connections together).
 */
final class CloudApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CloudApi.class);
    // The server's own errors hold raw line ends.
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .build();
    /** Who answers below the API: what follows on such a connection is out of step. */
    private static final String TRANSPORT = "Firecracker API";

    private static final int LARGEST_REQUEST = 51_200;
    private static final int LARGEST_REPLY = 16 * 1024 * 1024;
    private static final int LONGEST_LINE = 8192;
    /** Closed connections are cleared away when the next comes, so a few knocks are enough. */
    private static final int KNOCKS = 25;

    private static final int REFUSALS = 2000;

    private final Path path;
    private final Duration patience;
    private volatile @Nullable SocketChannel socket;
    private volatile boolean closed;

    CloudApi(Path path, Duration patience) {
        this.path = path;
        this.patience = patience;
    }

    private record Reply(int status, String server, String body) {}

    JsonNode get(String call) throws IOException {
        return call("GET", call, null);
    }

    JsonNode put(String call) throws IOException {
        return call("PUT", call, null);
    }

    JsonNode put(String call, Object body) throws IOException {
        return call("PUT", call, JSON.writeValueAsBytes(body));
    }

    /**
     * Has a call done.
     *
     * @return what it answered; a missing node for nothing
     * @throws CloudRefusal where it was refused
     * @throws IOException where no answer came; then it may or may not have been done
     */
    private synchronized JsonNode call(String method, String call, byte @Nullable [] body) throws IOException {
        if (body != null && body.length > LARGEST_REQUEST) {
            throw new IOException(
                    "%s: %d bytes, where the server takes %d".formatted(call, body.length, LARGEST_REQUEST));
        }
        CompletableFuture<Reply> answer = new CompletableFuture<>();
        Thread.ofVirtual().name("cloud " + call).start(() -> {
            try {
                answer.complete(exchange(method, call, body));
            } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        Reply reply;
        try {
            reply = answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            disconnect();
            throw new IOException(
                    "Cloud Hypervisor did not answer %s within %d ms: it is busy, or hangs"
                            .formatted(call, patience.toMillis()),
                    e);
        } catch (ExecutionException e) {
            disconnect();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IOException(
                    "Cloud Hypervisor did not answer %s at %s: %s"
                            .formatted(call, path, cause.getMessage() == null ? cause : cause.getMessage()),
                    cause);
        } catch (InterruptedException e) {
            disconnect();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while %s was done".formatted(call), e);
        }
        if (reply.status / 100 == 2) {
            try {
                return reply.body.isEmpty() ? MissingNode.getInstance() : JSON.readTree(reply.body);
            } catch (JacksonException e) {
                throw new IOException(
                        "Cloud Hypervisor answered %s with no JSON: %s".formatted(call, reply.body.strip()), e);
            }
        }
        throw new CloudRefusal(call, reply.status, reasons(reply));
    }

    private static List<String> reasons(Reply reply) {
        List<String> reasons = new ArrayList<>();
        try {
            JsonNode told = JSON.readTree(reply.body);
            if (told.isArray()) {
                told.forEach(each -> reasons.add(each.asString("")));
            } else if (told.has("error")) {
                reasons.add(told.path("error").asString("").replace("\n", " "));
            }
        } catch (JacksonException e) {
            LOG.debug("not JSON: {}", e.getOriginalMessage());
        }
        if (reasons.isEmpty()) {
            reasons.add(reply.body.isEmpty() ? "it gave no reason" : reply.body.strip());
        }
        return reasons;
    }

    private Reply exchange(String method, String call, byte @Nullable [] body) throws IOException {
        // Content-Type and the like mean nothing there; Content-Length does.
        String head = "%s /api/v1/%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n"
                .formatted(method, call, body == null ? "" : "Content-Length: %d\r\n".formatted(body.length));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
        if (body != null) {
            request.writeBytes(body);
        }
        for (int knock = 1; ; knock++) {
            SocketChannel connection = connect();
            IOException unsent = null;
            try {
                write(connection, request.toByteArray());
            } catch (IOException e) {
                unsent = e; // it may have said why, and hung up
            }
            Reply reply;
            try {
                reply = read(Channels.newInputStream(connection));
            } catch (IOException e) {
                throw unsent == null ? e : unsent;
            }
            if (reply.server.equals(TRANSPORT)) {
                disconnect();
                if (reply.status == 503 && knock < KNOCKS && !closed) {
                    continue; // turned away at the door: the call was not looked at
                }
            }
            return reply;
        }
    }

    /** A connection; a socket is there for an instant before it is listened at, and refuses meanwhile. */
    @SuppressWarnings(
            "ThreadPriorityCheck") // between two calls of its to the kernel; nothing tells that the second is done
    static SocketChannel connect(Path path) throws IOException {
        for (int knock = 1; ; knock++) {
            try {
                return SocketChannel.open(UnixDomainSocketAddress.of(path));
            } catch (ConnectException e) {
                if (knock == REFUSALS) {
                    throw e;
                }
                Thread.yield();
            }
        }
    }

    private SocketChannel connect() throws IOException {
        SocketChannel present = socket;
        if (present != null && present.isOpen()) {
            return present;
        }
        SocketChannel opened = connect(path);
        socket = opened;
        if (closed) {
            opened.close();
            throw new IOException("closed");
        }
        return opened;
    }

    private static void write(SocketChannel connection, byte[] bytes) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
            connection.write(left);
        }
    }

    private static Reply read(InputStream in) throws IOException {
        String first = line(in);
        // "HTTP/1.1 200 ", with no reason; "HTTP/1.1 503" without even the blank.
        String[] words = first.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[1-5][0-9][0-9]")) {
            throw new IOException("'%s' is no answer of HTTP".formatted(first));
        }
        String server = "";
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            String value = header.substring(colon + 1).strip();
            switch (header.substring(0, Math.max(0, colon)).toLowerCase(Locale.ROOT)) {
                case "server" -> server = value;
                case "content-length" -> {
                    if (!value.matches("[0-9]{1,8}") || Integer.parseInt(value) > LARGEST_REPLY) {
                        throw new IOException("an answer of %s bytes".formatted(value));
                    }
                    length = Integer.parseInt(value);
                }
                default -> {}
            }
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("it hung up within its answer");
        }
        return new Reply(Integer.parseInt(words[1]), server, new String(body, StandardCharsets.UTF_8));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int one = in.read(); one != '\n'; one = in.read()) {
            if (one < 0) {
                throw new EOFException("it hung up");
            }
            if (line.length() > LONGEST_LINE) {
                throw new IOException("a header of more than %d bytes".formatted(LONGEST_LINE));
            }
            line.append((char) one);
        }
        return line.toString().stripTrailing();
    }

    private void disconnect() {
        SocketChannel present = socket;
        socket = null;
        if (present != null) {
            try {
                present.close();
            } catch (IOException e) {
                LOG.debug("closing: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        disconnect();
    }
}
