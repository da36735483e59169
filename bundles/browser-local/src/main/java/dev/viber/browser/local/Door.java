package dev.viber.browser.local;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens somewhere and serves each connection on a virtual thread; closing it ends those, too. */
final class Door implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);

    private final ServerSocketChannel server;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /** What is done with a connection; it is closed when this returns. */
    @FunctionalInterface
    interface Service {
        void serve(SocketChannel client) throws IOException;
    }

    private Door(ServerSocketChannel server, Service service) {
        this.server = server;
        Thread.ofVirtual().name("browser-accept").start(() -> accept(service));
    }

    /** At a unix socket; one that an earlier process left behind is replaced. */
    static Door at(Path socket, Service service) throws IOException {
        Files.deleteIfExists(socket);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(socket));
            // Its folder says who comes this far; the session may be another user.
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
            return new Door(server, service);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw new IOException(socket + ": " + e.getMessage(), e);
        }
    }

    /**
     * At a port of the loopback, leading to a unix socket.
     *
     * @param port that is tried first; 0, or where it is taken: a free one
     */
    static Door to(Path socket, int port) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        try {
            server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
            try {
                server.bind(new InetSocketAddress(loopback, port));
            } catch (IOException e) {
                server.bind(new InetSocketAddress(loopback, 0));
            }
            return new Door(server, client -> lead(client, socket));
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    int port() throws IOException {
        return ((InetSocketAddress) server.getLocalAddress()).getPort();
    }

    private static void lead(SocketChannel client, Path socket) throws IOException {
        // The other side made it, and is not trusted: no link that it put there is followed to somebody else's socket.
        if (Files.isSymbolicLink(socket) || !Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        client.setOption(StandardSocketOptions.TCP_NODELAY, true);
        try (SocketChannel inside = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            Channels.join(client, inside);
        }
    }

    private void accept(Service service) {
        while (server.isOpen()) {
            try {
                SocketChannel client = server.accept();
                open.add(client);
                Thread.ofVirtual().name("browser-connection").start(() -> {
                    try (client) {
                        service.serve(client);
                    } catch (IOException e) {
                        LOG.debug("a connection of a browser ended: {}", e.toString());
                    } finally {
                        open.remove(client);
                    }
                });
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.warn("a connection of a browser was not taken: {}", e.toString());
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        open.forEach(Channels::close);
    }
}
