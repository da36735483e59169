package dev.viber.guest.http;

import dev.viber.api.guest.AgentListener;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The ways in and out of an agent that has no network but its loopback: unix sockets in a folder that its host sees too.
 *
 * <p>With {@code VIPER_AGENT_RELAY_DIR}: {@code agent.sock} and {@code devtools.sock} lead in; {@code VIPER_AGENT_PROXY_ADDR},
 * a port of the loopback, leads to the host's proxy at {@code host/egress.sock}. At {@code host/lifeline.sock} the host holds a
 * line; where nobody has held it for {@code VIPER_AGENT_LIFELINE_MS}, the agent ends. Without that folder there is nothing of
 * this.
 */
@Component(service = Relay.class, immediate = true)
public final class Relay implements Closeable {
    private static final long DIAL_AGAIN_MS = 500;
    private static final int DEVTOOLS_PORT = 9222;

    private final List<ServerSocketChannel> servers = new ArrayList<>();
    private volatile @Nullable SocketChannel lifeline;
    private volatile boolean closed;

    /** Of this environment. */
    @Activate
    public Relay(@Reference AgentListener listener) throws IOException {
        this(System.getenv(), listener.address().getPort(), () -> System.exit(0));
    }

    Relay(Map<String, String> environment, int agentPort, Runnable end) throws IOException {
        String folder = environment.getOrDefault("VIPER_AGENT_RELAY_DIR", "");
        if (folder.isEmpty()) {
            return;
        }
        Path place = Path.of(folder);
        try {
            in(place.resolve("agent.sock"), new InetSocketAddress(InetAddress.getLoopbackAddress(), agentPort));
            String devTools = environment.getOrDefault("VIPER_AGENT_DEVTOOLS_ADDR", "");
            int port = devTools.isEmpty()
                    ? DEVTOOLS_PORT
                    : Addresses.parse("VIPER_AGENT_DEVTOOLS_ADDR", devTools).getPort();
            in(place.resolve("devtools.sock"), new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            String proxy = environment.getOrDefault("VIPER_AGENT_PROXY_ADDR", "");
            if (!proxy.isEmpty()) {
                ServerSocketChannel server = ServerSocketChannel.open();
                server.bind(Addresses.parse("VIPER_AGENT_PROXY_ADDR", proxy));
                serve(server, () -> UnixDomainSocketAddress.of(place.resolve("host/egress.sock")));
            }
        } catch (IOException e) {
            close();
            throw new IOException("the relay in " + folder + ": " + e.getMessage(), e);
        }
        String patience = environment.getOrDefault("VIPER_AGENT_LIFELINE_MS", "");
        if (!patience.isEmpty()) {
            long nanos = TimeUnit.MILLISECONDS.toNanos(Long.parseLong(patience));
            Thread.ofVirtual().name("lifeline").start(() -> hold(place.resolve("host/lifeline.sock"), nanos, end));
        }
    }

    @Deactivate
    @Override
    public void close() throws IOException {
        closed = true;
        for (ServerSocketChannel each : servers) {
            each.close();
        }
        SocketChannel held = lifeline;
        if (held != null) {
            held.close();
        }
    }

    private void in(Path socket, SocketAddress to) throws IOException {
        // What an agent before left behind: a socket that nobody listens at cannot be bound again.
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        serve(server, () -> to);
    }

    private void serve(ServerSocketChannel server, Supplier<SocketAddress> to) {
        servers.add(server);
        Thread.ofVirtual().name("relay-accept").start(() -> {
            while (server.isOpen()) {
                try {
                    SocketChannel client = server.accept();
                    Thread.ofVirtual().name("relay").start(() -> relay(client, to.get()));
                } catch (IOException e) {
                    if (server.isOpen()) {
                        System.err.println("viper-agent: a relayed connection was not taken: " + e.getMessage());
                    }
                }
            }
        });
    }

    private static void relay(SocketChannel client, SocketAddress to) {
        try (client;
                SocketChannel other = SocketChannel.open(to)) {
            Channels.join(client, other);
        } catch (IOException e) {
            // Nobody is there: the client sees its connection end.
        }
    }

    /** The host is dialled again as long as it is away; how long that is counts from the line's last end. */
    private void hold(Path socket, long patienceNanos, Runnable end) {
        long lost = System.nanoTime();
        while (!closed) {
            try (SocketChannel line = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                lifeline = line;
                ByteBuffer nothing = ByteBuffer.allocate(64);
                while (line.read(nothing.clear()) >= 0) {
                    // The host says nothing; what counts is that it is there.
                }
                lost = System.nanoTime();
            } catch (IOException e) {
                if (System.nanoTime() - lost > patienceNanos) {
                    System.err.println("viper-agent: its host is gone for good; the agent ends");
                    end.run();
                    return;
                }
            }
            try {
                Thread.sleep(DIAL_AGAIN_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
