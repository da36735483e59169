package dev.viber.hypervisor.qemu;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** One QMP conversation: commands with their answers, and events as they come. QEMU holds one at a time. */
final class Qmp implements AutoCloseable {
    /** Is told of events, in order and on the reading thread: it must not wait for answers there. */
    interface Events {
        void event(String name, JsonNode data);

        /** The last thing told: nothing comes any more, though nobody closed this. */
        void ended();
    }

    private static final Logger LOG = LoggerFactory.getLogger(Qmp.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final SocketChannel socket;
    private final Events events;
    private final Duration patience;
    private final AtomicLong lastId = new AtomicLong();
    private final CompletableFuture<JsonNode> greeting = new CompletableFuture<>();
    private final Map<Long, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private volatile boolean closed;
    private volatile @Nullable String over;

    private Qmp(SocketChannel socket, Duration patience, Events events) {
        this.socket = socket;
        this.patience = patience;
        this.events = events;
    }

    /**
     * Connects and negotiates.
     *
     * @param greetingPatience how long until QEMU greets: it does not while it starts, or talks to another
     * @param patience how long any answer may take
     */
    static Qmp connect(Path path, Duration greetingPatience, Duration patience, Events events)
            throws IOException, InterruptedException {
        Qmp qmp = new Qmp(SocketChannel.open(UnixDomainSocketAddress.of(path)), patience, events);
        try {
            Thread.ofVirtual().name("qmp " + path).start(qmp::read);
            JsonNode hello = qmp.await(
                    qmp.greeting,
                    greetingPatience,
                    "QEMU did not greet at %s within %d ms: it hangs, or another program talks to it"
                            .formatted(path, greetingPatience.toMillis()));
            LOG.debug("{}: {}", path, hello);
            qmp.execute("qmp_capabilities");
            return qmp;
        } catch (IOException | InterruptedException | RuntimeException e) {
            qmp.close();
            throw e;
        }
    }

    /** Has a command done that takes no arguments. */
    JsonNode execute(String command) throws IOException {
        return execute(command, Map.of());
    }

    /**
     * Has a command done.
     *
     * @return what it returned
     * @throws IOException with QEMU's class and description of the error, or saying that no answer came
     */
    JsonNode execute(String command, Map<String, ?> arguments) throws IOException {
        long id = lastId.incrementAndGet();
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("execute", command);
        if (!arguments.isEmpty()) {
            message.put("arguments", arguments);
        }
        message.put("id", id);
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        try {
            String ended = over;
            if (ended != null) {
                throw new IOException("'%s' was not sent: %s".formatted(command, ended));
            }
            send(JSON.writeValueAsBytes(message));
            JsonNode reply = await(
                    answer, patience, "QEMU did not answer '%s' within %d ms".formatted(command, patience.toMillis()));
            JsonNode error = reply.get("error");
            if (error != null) {
                throw new IOException("QEMU refused '%s' (%s): %s"
                        .formatted(
                                command,
                                error.path("class").asString(""),
                                error.path("desc").asString("")));
            }
            return reply.path("return");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while '%s' was done".formatted(command), e);
        } finally {
            asked.remove(id);
        }
    }

    private void send(byte[] message) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(message);
        synchronized (asked) {
            while (bytes.hasRemaining()) {
                socket.write(bytes);
            }
        }
    }

    private JsonNode await(CompletableFuture<JsonNode> wanted, Duration limit, String late)
            throws IOException, InterruptedException {
        try {
            return wanted.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(late, e);
        } catch (ExecutionException e) {
            String over = this.over;
            throw new IOException(over == null ? e.toString() : over, e);
        }
    }

    private void read() {
        String reason = "QEMU hung up";
        try (MappingIterator<JsonNode> messages =
                JSON.readerFor(JsonNode.class).readValues(Channels.newInputStream(socket))) {
            while (messages.hasNextValue()) {
                take(messages.nextValue());
            }
        } catch (JacksonException e) {
            if (!closed) {
                reason = "QEMU hung up, or said what is no JSON: " + e.getOriginalMessage();
            }
        } finally {
            end(closed ? "closed here" : reason);
        }
    }

    private void take(JsonNode message) {
        if (message.has("event")) {
            events.event(message.path("event").asString(""), message.path("data"));
        } else if (message.has("QMP")) {
            greeting.complete(message.path("QMP"));
        } else {
            CompletableFuture<JsonNode> answer = asked.get(message.path("id").asLong(0));
            if (answer != null) {
                answer.complete(message);
            } else {
                LOG.debug("nobody waits for {}", message);
            }
        }
    }

    private void end(String reason) {
        over = reason;
        IOException failure = new IOException(reason);
        greeting.completeExceptionally(failure);
        asked.values().forEach(answer -> answer.completeExceptionally(failure));
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        }
        if (!closed) {
            events.ended();
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        }
    }
}
