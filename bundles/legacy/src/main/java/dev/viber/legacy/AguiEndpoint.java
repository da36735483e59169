package dev.viber.legacy;

import dev.viber.api.event.EventBus;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code /ws/v1/agui}: the frames that the first Viper documented under the name of AG-UI, one for each turn in the life of a
 * VM. They are not AG-UI. What a client sends is ignored.
 */
@Component(
        service = {},
        immediate = true)
public final class AguiEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(AguiEndpoint.class);
    private static final int MOST_INBOUND = 64 * 1024;

    private final VmEvents events;
    private final ServiceRegistration<ServerEndpointConfig> registration;

    /** Tells what is read there. */
    @Activate
    public AguiEndpoint(BundleContext context, @Reference VmEvents events) {
        this.events = events;
        ServerEndpointConfig config = ServerEndpointConfig.Builder.create(Frames.class, "/ws/v1/agui")
                .configurator(new ServerEndpointConfig.Configurator() {
                    @Override
                    public <T> T getEndpointInstance(Class<T> endpointClass) {
                        return endpointClass.cast(new Frames());
                    }
                })
                .build();
        registration = context.registerService(
                ServerEndpointConfig.class,
                config,
                FrameworkUtil.asDictionary(Map.of(HttpContribution.ROLES, List.of("owner", "operator", "viewer"))));
    }

    @Deactivate
    void close() {
        registration.unregister();
    }

    /** The frame of an event; null where there is none. */
    static @Nullable Map<String, Object> frame(FirstWords.Told told) {
        Map<String, Object> frame = new LinkedHashMap<>();
        switch (told.type()) {
            case "VM_CREATED" -> {
                frame.put("type", "run_started");
                frame.put("id", told.vm());
                frame.put("name", "VM %s started".formatted(told.vm()));
            }
            case "VM_RUNNING" -> {
                frame.put("type", "text");
                frame.put("text", "VM %s is running".formatted(told.vm()));
            }
            case "VM_STOPPED", "VM_CRASHED" -> finished(frame, told);
            default -> {
                // A run that ended before it was deleted has ended once.
                if (!told.ran()) {
                    return null;
                }
                finished(frame, told);
            }
        }
        return frame;
    }

    private static void finished(Map<String, Object> frame, FirstWords.Told told) {
        frame.put("type", "run_finished");
        String how = told.type().substring("VM_".length()).toLowerCase(java.util.Locale.ROOT);
        frame.put("output", "VM %s %s".formatted(told.vm(), how));
    }

    /** One socket; public because Jetty wants endpoints to be. */
    public final class Frames extends Endpoint {
        private VmEvents.@Nullable Reading reading;

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            session.setMaxTextMessageBufferSize(MOST_INBOUND);
            session.setMaxBinaryMessageBufferSize(MOST_INBOUND);
            session.addMessageHandler(String.class, (MessageHandler.Whole<String>)
                    text -> LOG.trace("a message of {} characters is not known here", text.length()));
            session.addMessageHandler(ByteBuffer.class, (MessageHandler.Whole<ByteBuffer>)
                    bytes -> LOG.trace("a message of {} bytes is not known here", bytes.remaining()));
            try {
                VmEvents.Reading opened = events.follow(
                        VmEvents.by(session.getUserProperties().get(HttpContribution.PRINCIPAL)), EventBus.END);
                reading = opened;
                Thread.ofVirtual().name("agui").start(() -> tell(opened, session));
            } catch (GateShutException e) {
                close(session, "there is no event bus at the moment");
            }
        }

        private void tell(VmEvents.Reading opened, Session session) {
            try {
                opened.run(new VmEvents.Sink() {
                    @Override
                    public void event(long position, FirstWords.Told told) throws IOException {
                        Map<String, Object> frame = frame(told);
                        if (frame != null) {
                            session.getBasicRemote()
                                    .sendText(JsonMapper.shared().writeValueAsString(frame));
                        }
                    }

                    @Override
                    public void idle() throws IOException {
                        session.getBasicRemote().sendPing(ByteBuffer.allocate(0));
                    }
                });
                close(session, "nothing more is told here");
            } catch (IOException | IllegalStateException e) {
                LOG.debug("a reader is gone", e);
                close(session, "");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                opened.close();
            }
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            VmEvents.Reading present = reading;
            if (present != null) {
                present.close();
            }
        }

        @Override
        public void onError(Session session, Throwable failure) {
            LOG.debug("a socket failed", failure);
        }

        private static void close(Session session, String why) {
            try {
                if (session.isOpen()) {
                    session.close(new CloseReason(CloseCodes.TRY_AGAIN_LATER, why));
                }
            } catch (IOException e) {
                LOG.debug("a socket could not be closed in order", e);
            }
        }
    }
}
