package dev.viber.controller;

import dev.viber.api.net.GatewayAccess;
import dev.viber.api.net.Transport;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The gateway over HTTP, as the settings have it. */
final class GatewayHttp implements GatewayAccess {
    private final Settings settings;
    private final URI base;
    private @Nullable SSLContext trust;
    private @Nullable FileTime written;

    /** The gateway at this address of its socket. */
    GatewayHttp(Settings settings, URI server) {
        this.settings = settings;
        base = Settings.http(server);
    }

    @Override
    public URI base() {
        return base;
    }

    @Override
    public @Nullable String token() throws IOException {
        return settings.currentToken();
    }

    @Override
    public synchronized @Nullable SSLContext trust() throws IOException {
        Path file = settings.trusted();
        if (file == null) {
            return null;
        }
        FileTime now;
        try {
            now = Files.getLastModifiedTime(file);
        } catch (NoSuchFileException e) {
            throw new IOException("there is no file %s".formatted(file), e);
        }
        if (trust == null || !now.equals(written)) {
            trust = Transport.trusting(file);
            written = now;
        }
        return trust;
    }
}
