package dev.viber.http;

import dev.viber.api.http.HttpContribution;
import dev.viber.api.http.UpgradeGuard;
import jakarta.websocket.CloseReason;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.common.JakartaWebSocketSession;
import org.eclipse.jetty.ee11.websocket.jakarta.common.JakartaWebSocketSessionListener;
import org.eclipse.jetty.ee11.websocket.jakarta.server.JakartaWebSocketServerContainer;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebSocket endpoint in a context of its own, since an endpoint can be added to a container but never removed. */
final class SocketRoute extends Route {
    private static final Logger LOG = LoggerFactory.getLogger(SocketRoute.class);

    private final Sockets sockets;
    private final @Nullable UpgradeGuard guard;
    private final boolean template;

    private SocketRoute(
            ServerEndpointConfig config, Map<String, ?> properties, ServletContextHandler context, Sockets sockets) {
        super(literal(config.getPath()), properties, context);
        this.sockets = sockets;
        this.guard = (UpgradeGuard) config.getUserProperties().get(HttpContribution.GUARD);
        this.template = config.getPath().contains("{");
    }

    /** A route for this endpoint; its context starts with it. */
    static SocketRoute of(ServerEndpointConfig config, Map<String, ?> properties, int maxFrameBytes) {
        Handshake handshake = new Handshake(config);
        Sockets sockets = new Sockets(maxFrameBytes);
        ServletContextHandler context =
                new ServletContextHandler("/", ServletContextHandler.NO_SESSIONS | ServletContextHandler.NO_SECURITY);
        context.setClassLoader(config.getEndpointClass().getClassLoader());
        context.setErrorHandler(new Problems());
        JakartaWebSocketServletContainerInitializer.configure(context, (servlets, container) -> {
            container.setDefaultMaxTextMessageBufferSize(maxFrameBytes);
            container.setDefaultMaxBinaryMessageBufferSize(maxFrameBytes);
            // The contributor pings by itself: only it knows how long silence may last.
            container.setDefaultMaxSessionIdleTimeout(0);
            JakartaWebSocketServerContainer ours = (JakartaWebSocketServerContainer) container;
            ours.addSessionListener(sockets);
            ours.getExtensionRegistry().register("permessage-deflate", LeanDeflate.class);
            container.addEndpoint(handshake);
            if (Boolean.TRUE.equals(config.getUserProperties().get(HttpContribution.TEXT_AS_BYTES))) {
                TextAsBytes.at(WebSocketMappings.getMappings(context), config.getPath());
            }
        });
        return new SocketRoute(config, properties, context, sockets);
    }

    @Override
    boolean serves(String asked) {
        return template ? super.serves(asked) : asked.equals(path());
    }

    @Override
    boolean isSocket() {
        return true;
    }

    @Override
    @Nullable
    UpgradeGuard guard() {
        return guard;
    }

    @Override
    void farewell() {
        sockets.close();
    }

    /** The path with a star for each segment that may be any. */
    private static String literal(String path) {
        return path.replaceAll("\\{[^/]*}", "*");
    }

    /** The open sockets of one endpoint. */
    private static final class Sockets implements JakartaWebSocketSessionListener {
        private final Set<JakartaWebSocketSession> open = ConcurrentHashMap.newKeySet();
        private final int maxFrameBytes;
        private volatile @Nullable CountDownLatch leaving;

        Sockets(int maxFrameBytes) {
            this.maxFrameBytes = maxFrameBytes;
        }

        @Override
        public void onJakartaWebSocketSessionCreated(JakartaWebSocketSession session) {
            session.getCoreSession().setMaxFrameSize(maxFrameBytes);
        }

        @Override
        public void onJakartaWebSocketSessionOpened(JakartaWebSocketSession session) {
            open.add(session);
            if (leaving != null) {
                restart(session);
            }
        }

        @Override
        public void onJakartaWebSocketSessionClosed(JakartaWebSocketSession session) {
            open.remove(session);
            CountDownLatch waiting = leaving;
            if (waiting != null) {
                waiting.countDown();
            }
        }

        /** Says 1012 to all, waits for their answers for a while, and cuts off those that do not answer. */
        void close() {
            Set<JakartaWebSocketSession> those = Set.copyOf(open);
            CountDownLatch waiting = new CountDownLatch(those.size());
            leaving = waiting;
            // One that closed between the copy and the latch is counted here, not there.
            those.stream().filter(session -> !open.contains(session)).forEach(gone -> waiting.countDown());
            those.forEach(session -> Thread.startVirtualThread(() -> restart(session)));
            try {
                if (!waiting.await(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                    LOG.info("{} sockets did not answer the close in {} and are cut off", open.size(), GRACE);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            open.forEach(JakartaWebSocketSession::abort);
        }

        private static void restart(JakartaWebSocketSession session) {
            session.close(new CloseReason(CloseReason.CloseCodes.SERVICE_RESTART, "this part restarts"));
        }
    }
}
