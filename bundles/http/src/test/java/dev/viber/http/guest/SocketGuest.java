package dev.viber.http.guest;

import dev.viber.api.auth.Principal;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.http.UpgradeGuard;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** A WebSocket at the path of its manifest: says who opened it, then gives back every text. */
public final class SocketGuest implements BundleActivator {
    /** One connection. */
    public static final class Echo extends Endpoint {
        @Override
        public void onOpen(Session session, EndpointConfig config) {
            session.addMessageHandler(String.class, new MessageHandler.Whole<String>() {
                @Override
                public void onMessage(String text) {
                    Principal caller = (Principal) session.getUserProperties().get(HttpContribution.PRINCIPAL);
                    session.getAsyncRemote().sendText(text.equals("who") ? caller.tokenId() : text, result -> {
                        if (!result.isOK()) {
                            throw new IllegalStateException("could not answer", result.getException());
                        }
                    });
                }
            });
        }
    }

    @Override
    public void start(BundleContext context) {
        ServerEndpointConfig config = ServerEndpointConfig.Builder.create(
                        Echo.class, context.getBundle().getHeaders().get("Guest-Path"))
                .subprotocols(List.of("viber.v1"))
                .configurator(new ServerEndpointConfig.Configurator())
                .build();
        UpgradeGuard guard = caller -> caller.tokenId().startsWith("busy") ? Duration.ofSeconds(7) : null;
        config.getUserProperties().put(HttpContribution.GUARD, guard);
        context.registerService(
                ServerEndpointConfig.class,
                config,
                FrameworkUtil.asDictionary(Map.of(HttpContribution.ROLES, new String[] {"viber", "owner"})));
    }

    @Override
    public void stop(BundleContext context) {}
}
