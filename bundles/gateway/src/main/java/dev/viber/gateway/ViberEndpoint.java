package dev.viber.gateway;

import dev.viber.api.auth.Principal;
import dev.viber.api.http.HttpContribution;
import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The jakarta side of one viber's socket. */
public final class ViberEndpoint extends Endpoint {
    private static final Logger LOG = LoggerFactory.getLogger(ViberEndpoint.class);

    private final Gateway gateway;
    private @Nullable Session session;

    ViberEndpoint(Gateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public void onOpen(jakarta.websocket.Session socket, EndpointConfig config) {
        if (!(socket.getUserProperties().get(HttpContribution.PRINCIPAL) instanceof Principal principal)
                || principal.viberId() == null) {
            new SocketWire(socket).close(CloseCode.NOT_YOURS, "not a viber's token");
            return;
        }
        Session opened = new Session(gateway, new SocketWire(socket), principal);
        session = opened;
        // Text, which the listener leaves as it came: HttpContribution.TEXT_AS_BYTES; binary messages take the other
        // way.
        socket.addMessageHandler(byte[].class, (MessageHandler.Whole<byte[]>) opened::received);
        socket.addMessageHandler(String.class, (MessageHandler.Whole<String>) binary -> opened.receivedBinary());
        socket.addMessageHandler(PongMessage.class, (MessageHandler.Whole<PongMessage>) pong -> opened.pong());
        gateway.opened(opened);
    }

    @Override
    public void onClose(jakarta.websocket.Session socket, CloseReason reason) {
        Session open = session;
        if (open != null) {
            gateway.closed(open);
            open.closed();
        }
    }

    @Override
    public void onError(jakarta.websocket.Session socket, Throwable cause) {
        LOG.debug("socket of {}: {}", session == null ? "nobody" : session.viberId(), cause.toString());
    }

    private record SocketWire(jakarta.websocket.Session socket) implements Wire {
        @Override
        public void send(String text, Consumer<Boolean> sent) {
            if (!socket.isOpen()) {
                sent.accept(false);
                return;
            }
            socket.getAsyncRemote().sendText(text, result -> sent.accept(result.isOK()));
        }

        @Override
        public void ping() {
            try {
                socket.getAsyncRemote().sendPing(ByteBuffer.allocate(0));
            } catch (IOException | IllegalArgumentException | IllegalStateException e) {
                LOG.debug("ping: {}", e.toString());
            }
        }

        @Override
        public void close(int code, String reason) {
            try {
                // RFC 6455, 5.5: a control frame carries at most 125 bytes, two of them the code.
                String shortened = reason.length() > 120 ? reason.substring(0, 120) : reason;
                socket.close(new CloseReason(() -> code, shortened));
            } catch (IOException | IllegalStateException e) {
                LOG.debug("close {}: {}", code, e.toString());
            }
        }
    }
}
