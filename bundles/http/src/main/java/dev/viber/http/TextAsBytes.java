package dev.viber.http;

import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.http.pathmap.UriTemplatePathSpec;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.CoreSession;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.jspecify.annotations.Nullable;

/**
 * Gives the text messages of an endpoint to its handler of bytes, and binary ones to its handler of text, which it has
 * not got: Jetty decodes text byte by byte into a builder, which for an endpoint that parses bytes anyway was a quarter
 * of all its time.
 */
record TextAsBytes(WebSocketNegotiator negotiator) implements WebSocketNegotiator {
    /** Puts itself in front of the endpoint that was added under this path. */
    static void at(WebSocketMappings mappings, String path) {
        PathSpec spec = new UriTemplatePathSpec(path);
        WebSocketNegotiator added = mappings.getWebSocketNegotiator(spec);
        mappings.removeMapping(spec);
        mappings.addMapping(spec, new TextAsBytes(added));
    }

    @Override
    public @Nullable FrameHandler negotiate(
            ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
        FrameHandler handler = negotiator.negotiate(request, response, callback);
        return handler == null ? null : new Swapping(handler);
    }

    @Override
    public void customize(Configuration configurable) {
        negotiator.customize(configurable);
    }

    private record Swapping(FrameHandler handler) implements FrameHandler {
        @Override
        public void onOpen(CoreSession session, Callback callback) {
            handler.onOpen(session, callback);
        }

        @Override
        public void onFrame(Frame frame, Callback callback) {
            handler.onFrame(
                    switch (frame.getOpCode()) {
                        case OpCode.TEXT -> new Frame(OpCode.BINARY, frame.isFin(), frame.getPayload());
                        case OpCode.BINARY -> new Frame(OpCode.TEXT, frame.isFin(), frame.getPayload());
                        default -> frame;
                    },
                    callback);
        }

        @Override
        public void onError(Throwable cause, Callback callback) {
            handler.onError(cause, callback);
        }

        @Override
        public void onClosed(CloseStatus status, Callback callback) {
            handler.onClosed(status, callback);
        }
    }
}
