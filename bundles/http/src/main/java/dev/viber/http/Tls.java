package dev.viber.http;

import dev.viber.api.net.PemIdentity;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS by two files, taken anew whenever they change; connections that are open go on with what they began with. */
final class Tls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Tls.class);
    private static final Duration SOON = Duration.ofDays(14);

    private final Path certificates;
    private final Path key;
    private final Consumer<Set<String>> names;
    private final SslContextFactory.Server factory = new SslContextFactory.Server();
    private String digest;
    private @Nullable WatchService watch;

    /** Reads the files; {@code names} is told the DNS names of the certificate, now and after each change. */
    Tls(Path certificates, Path key, Consumer<Set<String>> names) throws IOException {
        this.certificates = certificates.toAbsolutePath();
        this.key = key.toAbsolutePath();
        this.names = names;
        PemIdentity identity = PemIdentity.read(this.certificates, this.key);
        digest = identity.digest();
        factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        use(factory, identity);
        taken(identity);
    }

    /** What the connector makes its connections with. */
    SslContextFactory.Server factory() {
        return factory;
    }

    /** Begins to watch, once the factory runs. */
    void watch() throws IOException {
        WatchService service = certificates.getFileSystem().newWatchService();
        watch = service;
        // The folders, not the files: those are replaced by renaming, or by a link to another folder.
        for (Path folder : Set.copyOf(List.of(folder(certificates), folder(key)))) {
            folder.register(
                    service,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
        }
        Thread.ofVirtual().name("http-certificates").start(() -> run(service));
        // What changed between the first reading and this.
        renew();
    }

    private static Path folder(Path file) {
        Path folder = file.getParent();
        return folder == null ? file : folder;
    }

    private void run(WatchService service) {
        try {
            while (true) {
                WatchKey changed = service.take();
                changed.pollEvents();
                changed.reset();
                renew();
            }
        } catch (ClosedWatchServiceException e) {
            LOG.debug("the certificate is no longer watched");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Takes the files as they are; while they do not belong together, which they may not between two writes, all stays. */
    private synchronized void renew() {
        try {
            PemIdentity identity = PemIdentity.read(certificates, key);
            if (identity.digest().equals(digest)) {
                return;
            }
            factory.reload(same -> use((SslContextFactory.Server) same, identity));
            digest = identity.digest();
            taken(identity);
            LOG.info("the certificate in {} is used from now on", certificates);
        } catch (IOException e) {
            LOG.warn("the certificate stays the one before: {}", e.getMessage());
        } catch (Exception e) {
            LOG.error("the certificate in {} cannot be used, the one before stays", certificates, e);
        }
    }

    private static void use(SslContextFactory.Server factory, PemIdentity identity) {
        factory.setKeyStore(identity.keyStore());
        factory.setKeyStorePassword(PemIdentity.PASSWORD);
    }

    private void taken(PemIdentity identity) {
        names.accept(identity.names());
        Instant end = identity.expiresAt();
        if (end.isBefore(Instant.now().plus(SOON))) {
            LOG.warn("the certificate in {} expires at {}", certificates, end);
        }
    }

    @Override
    public void close() {
        WatchService open = watch;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.debug("the watch of the certificate", e);
            }
        }
    }
}
