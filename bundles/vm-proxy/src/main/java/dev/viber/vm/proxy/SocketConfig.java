package dev.viber.vm.proxy;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Decoder;
import jakarta.websocket.Encoder;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the WebSockets of this bundle have in common: a path, and an endpoint of its own for each socket. */
abstract class SocketConfig implements ServerEndpointConfig {
    /** Closes what a token opened that is not valid any more. */
    static final int TOKEN_REVOKED = 4401;

    private static final Logger LOG = LoggerFactory.getLogger(SocketConfig.class);
    private static final int LONGEST_REASON = 123;

    private final String path;
    private final Class<? extends Endpoint> type;
    private final Map<String, Object> userProperties = new ConcurrentHashMap<>();

    SocketConfig(String path, Class<? extends Endpoint> type) {
        this.path = path;
        this.type = type;
    }

    /** The endpoint of one more socket. */
    abstract Endpoint endpoint();

    /** The VM that the path names. */
    static String vm(Session session) {
        return Objects.requireNonNull(session.getPathParameters().get("name"), "the path has a name in it");
    }

    /** Closes in order, the reason cut to what fits into a frame. */
    static void close(Session session, CloseReason.CloseCode code, String why) {
        String reason = why;
        while (reason.getBytes(StandardCharsets.UTF_8).length > LONGEST_REASON) {
            reason = reason.substring(0, reason.length() - 1);
        }
        try {
            if (session.isOpen()) {
                session.close(new CloseReason(code, reason));
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.debug("a socket could not be closed in order", e);
        }
    }

    @Override
    public Class<?> getEndpointClass() {
        return type;
    }

    @Override
    public String getPath() {
        return path;
    }

    @Override
    public List<String> getSubprotocols() {
        return List.of();
    }

    @Override
    public List<Extension> getExtensions() {
        return List.of();
    }

    @Override
    public Configurator getConfigurator() {
        return new Configurator() {
            @Override
            public <T> T getEndpointInstance(Class<T> endpointClass) {
                return endpointClass.cast(endpoint());
            }
        };
    }

    @Override
    public List<Class<? extends Encoder>> getEncoders() {
        return List.of();
    }

    @Override
    public List<Class<? extends Decoder>> getDecoders() {
        return List.of();
    }

    @Override
    public Map<String, Object> getUserProperties() {
        return userProperties;
    }
}
