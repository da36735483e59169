package dev.viber.http;

import dev.viber.api.http.HttpContribution;
import jakarta.websocket.Extension;
import jakarta.websocket.HandshakeResponse;
import jakarta.websocket.server.HandshakeRequest;
import jakarta.websocket.server.ServerEndpointConfig;
import java.util.List;
import org.eclipse.jetty.ee11.websocket.jakarta.common.ServerEndpointConfigWrapper;

/**
 * A contributed endpoint configuration whose handshake is ours: the principal goes into the user properties of the one
 * connection, and compression keeps no window between messages.
 */
final class Handshake extends ServerEndpointConfigWrapper {
    private final Configurator configurator;

    Handshake(ServerEndpointConfig contributed) {
        super(contributed);
        this.configurator = new Ours(contributed.getConfigurator());
    }

    @Override
    public Configurator getConfigurator() {
        return configurator;
    }

    /** The contributor's configurator, with what the listener has to say beside it. */
    private static final class Ours extends Configurator {
        private final Configurator theirs;

        Ours(Configurator theirs) {
            this.theirs = theirs;
            // The default behind a configurator is found by ServiceLoader and the thread's class loader, which finds
            // nothing in a framework; found once with ours, it stays with the configurator.
            ClassLoader before = Thread.currentThread().getContextClassLoader();
            Thread.currentThread().setContextClassLoader(Handshake.class.getClassLoader());
            try {
                theirs.getContainerDefaultConfigurator();
            } finally {
                Thread.currentThread().setContextClassLoader(before);
            }
        }

        @Override
        public Configurator getContainerDefaultConfigurator() {
            return theirs.getContainerDefaultConfigurator();
        }

        @Override
        public boolean checkOrigin(String origin) {
            return theirs.checkOrigin(origin);
        }

        @Override
        public String getNegotiatedSubprotocol(List<String> supported, List<String> requested) {
            return theirs.getNegotiatedSubprotocol(supported, requested);
        }

        @Override
        public List<Extension> getNegotiatedExtensions(List<Extension> installed, List<Extension> requested) {
            return theirs.getNegotiatedExtensions(installed, requested).stream()
                    .map(Compression::lean)
                    .toList();
        }

        @Override
        public void modifyHandshake(
                ServerEndpointConfig perConnection, HandshakeRequest request, HandshakeResponse response) {
            theirs.modifyHandshake(perConnection, request, response);
            if (request.getUserPrincipal() instanceof Caller caller) {
                perConnection.getUserProperties().put(HttpContribution.PRINCIPAL, caller.principal());
                perConnection.getUserProperties().put(HttpContribution.ADDRESS, caller.address());
            }
        }

        @Override
        public <T> T getEndpointInstance(Class<T> endpointClass) throws InstantiationException {
            return theirs.getEndpointInstance(endpointClass);
        }
    }

    /** permessage-deflate without a window kept between messages: an idle connection then holds no zlib state. */
    private record Compression(String getName, List<Parameter> getParameters) implements Extension {
        private record Named(String getName) implements Parameter {
            @Override
            public String getValue() {
                return "";
            }
        }

        static Extension lean(Extension offered) {
            return offered.getName().equals("permessage-deflate")
                    ? new Compression(
                            offered.getName(),
                            List.of(new Named("server_no_context_takeover"), new Named("client_no_context_takeover")))
                    : offered;
        }
    }
}
