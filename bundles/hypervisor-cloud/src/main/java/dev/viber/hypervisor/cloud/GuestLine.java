package dev.viber.hypervisor.cloud;

import dev.viber.api.vm.Machine;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The control channel over vsock, whichever side calls: the guest does once, when it boots; the host does later.
 *
 * <p>A call to a guest that has no vsock yet is neither answered nor refused, so both are waited for at once.
 */
final class GuestLine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuestLine.class);
    private static final int LONGEST_ANSWER = 32;

    /** A connection that came about; none where this was closed. */
    private record Arrival(@Nullable SocketChannel channel, boolean dialled) {}

    private final String name;
    private final Path vsock;
    private final Duration patience;
    private final ServerSocketChannel calls;
    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private volatile boolean closed;
    private @Nullable SocketChannel given;

    GuestLine(Machine machine, Duration patience) throws IOException {
        name = machine.name();
        vsock = CloudFiles.vsock(machine);
        this.patience = patience;
        calls = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            Files.deleteIfExists(CloudFiles.guestCalls(machine)); // another server's
            calls.bind(UnixDomainSocketAddress.of(CloudFiles.guestCalls(machine)));
        } catch (IOException e) {
            calls.close();
            throw e;
        }
        Thread.ofVirtual().name("calls of " + name).start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel call = calls.accept();
                // The newest counts, and a guest may call as often as it likes.
                for (Arrival old = arrivals.poll(); old != null; old = arrivals.poll()) {
                    end(old.channel);
                }
                arrivals.add(new Arrival(call, false));
            }
        } catch (IOException e) {
            LOG.debug("{}: no calls any more: {}", name, e.getMessage());
        }
    }

    /** The connection that comes first: one the guest made, or one made now. */
    synchronized SocketChannel open() throws IOException {
        end(given);
        given = null;
        Arrival arrival = arrivals.poll();
        if (arrival == null) {
            SocketChannel call = SocketChannel.open(StandardProtocolFamily.UNIX);
            Thread.ofVirtual().name("call to " + name).start(() -> dial(call));
            try {
                arrival = arrivals.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while '%s' was called".formatted(name), e);
            } finally {
                if (arrival == null || !arrival.dialled) {
                    end(call);
                }
            }
        }
        SocketChannel channel = arrival == null ? null : arrival.channel;
        if (channel == null) {
            throw new IOException(
                    closed
                            ? "the conversation with '%s' is closed".formatted(name)
                            : "the guest of '%s' did not listen on its port %d within %d ms"
                                    .formatted(name, CloudFiles.CONTROL_PORT, patience.toMillis()));
        }
        given = channel;
        return channel;
    }

    private void dial(SocketChannel call) {
        try {
            call.connect(UnixDomainSocketAddress.of(vsock));
            call.write(ByteBuffer.wrap(
                    "CONNECT %d\n".formatted(CloudFiles.CONTROL_PORT).getBytes(StandardCharsets.US_ASCII)));
            // To the end of its line and no further: what follows is the guest's.
            StringBuilder answer = new StringBuilder();
            ByteBuffer one = ByteBuffer.allocate(1);
            while (answer.indexOf("\n") < 0) {
                if (call.read(one.clear()) < 0 || answer.length() > LONGEST_ANSWER) {
                    throw new EOFException("refused: '%s'".formatted(answer));
                }
                answer.append((char) one.get(0));
            }
            if (!answer.toString().startsWith("OK ")) {
                throw new IOException(
                        "'%s', wanted OK".formatted(answer.toString().strip()));
            }
            arrivals.add(new Arrival(call, true));
        } catch (IOException e) {
            // Not yet: it calls itself when it has booted.
            LOG.debug("{}: not connected: {}", name, e.getMessage());
            end(call);
        }
    }

    private static void end(@Nullable SocketChannel channel) {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("closing: {}", e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            calls.close();
        } catch (IOException e) {
            LOG.debug("closing: {}", e.getMessage());
        }
        arrivals.add(new Arrival(null, false));
        synchronized (this) {
            end(given);
            given = null;
            for (Arrival left = arrivals.poll(); left != null; left = arrivals.poll()) {
                end(left.channel);
            }
            arrivals.add(new Arrival(null, false));
        }
    }
}
