package dev.viber.http;

import dev.viber.api.http.HttpListener;
import dev.viber.api.net.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.HostPort;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Jetty with its port open: one selector on a platform thread, every request and message on a virtual one. */
final class Listening implements HttpListener {
    private static final Logger LOG = LoggerFactory.getLogger(Listening.class);
    private static final Duration STOP = Duration.ofSeconds(3);

    private final Server server;
    private final ServerConnector connector;
    private final String host;
    private final @Nullable Tls tls;
    private final @Nullable ServerConnector plain;
    private final @Nullable ServerConnector legacy;

    private Listening(
            Server server,
            ServerConnector connector,
            String host,
            @Nullable Tls tls,
            @Nullable ServerConnector plain,
            @Nullable ServerConnector legacy) {
        this.server = server;
        this.connector = connector;
        this.host = host;
        this.tls = tls;
        this.plain = plain;
        this.legacy = legacy;
    }

    /** Opens the port in front of this guard. */
    static Listening open(HttpSettings settings, Guard guard) throws ListenException {
        InetSocketAddress address = address("listen", settings.listen());
        InetSocketAddress old = legacy(settings.legacy_listen().strip());
        Tls tls = tls(settings, guard);
        if (tls == null && !Transport.isLoopback(address.getHostString())) {
            LOG.warn(
                    "{} is open to other machines and speaks plain text: tokens can be read on their way;"
                            + " tls.cert and tls.key make it private",
                    settings.listen());
        }
        QueuedThreadPool threads = new QueuedThreadPool(8, 2);
        threads.setName("http");
        threads.setReservedThreads(0);
        threads.setDaemon(true);
        threads.setStopTimeout(STOP.toMillis() / 3);
        threads.setVirtualThreadsExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("http-", 0).factory()));
        Server server = new Server(threads);
        ServerConnector connector = connector(server, settings, tls);
        connector.setHost(address.getHostString());
        connector.setPort(address.getPort());
        ServerConnector plain = null;
        if (tls != null && settings.plain_loopback()) {
            plain = connector(server, settings, null);
            plain.setHost("127.0.0.1");
        }
        ServerConnector legacy = null;
        if (old != null) {
            legacy = connector(server, settings, null);
            legacy.setName(Legacy.CONNECTOR);
            legacy.setHost(old.getHostString());
            legacy.setPort(old.getPort());
        }
        server.setHandler(guard);
        server.setErrorHandler(new Problems());
        Listening listening = new Listening(server, connector, address.getHostString(), tls, plain, legacy);
        try {
            server.start();
            if (tls != null) {
                tls.watch();
            }
            return listening;
        } catch (Exception e) {
            listening.stopServer();
            String where = old == null ? settings.listen() : settings.listen() + " and " + settings.legacy_listen();
            throw new ListenException("Cannot listen on %s: %s".formatted(where, reason(e)), e);
        }
    }

    /** Where the listener without credentials is to be; null for nowhere. */
    private static @Nullable InetSocketAddress legacy(String listen) throws ListenException {
        if (listen.isEmpty()) {
            return null;
        }
        InetSocketAddress address = address("legacy.listen", listen);
        if (!Transport.isLoopback(address.getHostString())) {
            throw new ListenException(
                    "legacy.listen is '%s': it asks nobody for a token; wanted a loopback address, such as 127.0.0.1:7778"
                            .formatted(listen));
        }
        LOG.warn("whoever is on this machine may use VMs at {} without a token", listen);
        return address;
    }

    private static @Nullable Tls tls(HttpSettings settings, Guard guard) throws ListenException {
        String certificate = settings.tls_cert().strip();
        String key = settings.tls_key().strip();
        if (certificate.isEmpty() && key.isEmpty()) {
            return null;
        }
        if (certificate.isEmpty() || key.isEmpty()) {
            throw new ListenException(
                    "tls.cert is '%s' and tls.key is '%s'; wanted both, or neither".formatted(certificate, key));
        }
        try {
            return new Tls(Path.of(certificate), Path.of(key), guard::alsoServe);
        } catch (IOException e) {
            throw new ListenException("Cannot listen with TLS: " + e.getMessage(), e);
        }
    }

    private static ServerConnector connector(Server server, HttpSettings settings, @Nullable Tls tls) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(true);
        http.setRequestHeaderSize(settings.max_header_bytes());
        // An id with an encoded slash in it is for the contribution to refuse: it knows what it wanted.
        http.setUriCompliance(UriCompliance.DEFAULT.with("ids", UriCompliance.Violation.AMBIGUOUS_PATH_SEPARATOR));
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        ServerConnector connector;
        if (tls == null) {
            connector = new ServerConnector(server, 0, 1, plain);
        } else {
            // Which hosts are served is the guard's matter, with or without TLS.
            http.addCustomizer(new SecureRequestCustomizer(false));
            connector = new ServerConnector(
                    server, 0, 1, new SslConnectionFactory(tls.factory(), plain.getProtocol()), plain);
        }
        connector.setIdleTimeout(settings.idle_timeout_ms());
        connector.setAcceptQueueSize(1024);
        connector.addBean(new NetworkConnectionLimit(settings.max_connections(), connector));
        server.addConnector(connector);
        return connector;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public int port() {
        return connector.getLocalPort();
    }

    @Override
    public boolean isSecure() {
        return tls != null;
    }

    @Override
    public int plainPort() {
        if (plain != null) {
            return plain.getLocalPort();
        }
        return tls == null ? port() : -1;
    }

    /** The port of the listener without credentials; -1 for none. */
    int legacyPort() {
        return legacy == null ? -1 : legacy.getLocalPort();
    }

    /** Stops accepting, lets the contributions end, and closes what is still connected; returns in bounded time. */
    void close(Routes routes) {
        connector.close();
        if (plain != null) {
            plain.close();
        }
        if (legacy != null) {
            legacy.close();
        }
        routes.stop();
        stopServer();
    }

    private void stopServer() {
        if (tls != null) {
            tls.close();
        }
        Thread stopping = Thread.ofVirtual().name("http-stop").start(() -> {
            try {
                server.stop();
            } catch (Exception e) {
                LOG.warn("Jetty did not stop cleanly", e);
            }
        });
        try {
            if (!stopping.join(STOP)) {
                LOG.warn("Jetty still stops after {}; not waiting any longer", STOP);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static InetSocketAddress address(String setting, String listen) throws ListenException {
        int colon = listen.lastIndexOf(':');
        try {
            int port = Integer.parseInt(listen.substring(colon + 1));
            if (colon > 0 && port >= 0 && port <= 65_535) {
                return InetSocketAddress.createUnresolved(HostPort.normalizeHost(listen.substring(0, colon)), port);
            }
        } catch (IllegalArgumentException e) {
            LOG.debug("{} is no address", listen, e);
        }
        throw new ListenException(
                "%s is '%s'; wanted is HOST:PORT with a port from 0 to 65535".formatted(setting, listen));
    }

    private static String reason(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketException || cause instanceof UnresolvedAddressException) {
                return cause.getMessage() == null ? cause.toString() : cause.getMessage();
            }
        }
        return e.toString();
    }
}
