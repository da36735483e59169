package dev.viber.shell;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Listens on a socket file of mode 0600 in a folder of mode 0700; each connection is served on a virtual thread. */
final class UnixListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(UnixListener.class);
    /** What the kernel's sockaddr_un holds, less the closing zero. */
    private static final int LONGEST_PATH = 107;

    private final Path file;
    private final ServerSocketChannel server;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    /**
     * Binds the file; one that a dead process left behind is replaced.
     *
     * @param serve is given each connection, which is closed when it returns
     * @throws IOException where another process answers on it, or it cannot be made
     */
    UnixListener(Path wanted, Consumer<SocketChannel> serve) throws IOException {
        file = wanted.toAbsolutePath().normalize();
        if (file.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8).length > LONGEST_PATH) {
            throw new IOException(
                    "the socket's path has more than %d bytes, which is the most a unix socket can have: %s"
                            .formatted(LONGEST_PATH, file));
        }
        Path folder = file.getParent();
        if (folder == null) {
            throw new IOException(file + " is not a file in a folder");
        }
        Files.createDirectories(folder);
        allow(folder, "rwx------");
        clear();
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean bound = false;
        try {
            server.bind(UnixDomainSocketAddress.of(file));
            allow(file, "rw-------");
            bound = true;
        } finally {
            if (!bound) {
                server.close();
            }
        }
        Thread.ofVirtual().name("local-socket").start(() -> accept(serve));
    }

    private void clear() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (SocketChannel other = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            if (other.connect(UnixDomainSocketAddress.of(file))) {
                throw new StillAnsweringException(file);
            }
        } catch (StillAnsweringException e) {
            throw e;
        } catch (IOException e) {
            LOG.debug("{} was left behind: {}", file, e.getMessage());
            Files.deleteIfExists(file);
        }
    }

    private void accept(Consumer<SocketChannel> serve) {
        while (server.isOpen()) {
            try {
                SocketChannel connection = server.accept();
                open.add(connection);
                Thread.ofVirtual().name("local-connection").start(() -> {
                    try (connection) {
                        serve.accept(connection);
                    } catch (IOException e) {
                        LOG.debug("a connection broke: {}", e.getMessage());
                    } finally {
                        open.remove(connection);
                    }
                });
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.warn("The local socket took no connection", e);
                return;
            }
        }
    }

    private static void allow(Path path, String permissions) throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
        }
    }

    /** Closes every connection and takes the file away; a second close does nothing. */
    @Override
    public void close() {
        if (!server.isOpen()) {
            return;
        }
        try {
            Files.deleteIfExists(file);
            server.close();
        } catch (IOException e) {
            LOG.warn("The local socket was not closed cleanly", e);
        }
        for (SocketChannel connection : open) {
            try {
                connection.close();
            } catch (IOException e) {
                LOG.debug("a connection was broken already: {}", e.getMessage());
            }
        }
    }

    /** Another process has the socket. */
    private static final class StillAnsweringException extends IOException {
        private static final long serialVersionUID = 1L;

        StillAnsweringException(Path file) {
            super("another process answers on " + file + "; stop that one first");
        }
    }
}
