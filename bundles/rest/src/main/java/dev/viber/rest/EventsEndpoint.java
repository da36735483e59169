package dev.viber.rest;

import dev.viber.api.auth.Principal;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Segment;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Decoder;
import jakarta.websocket.Encoder;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Offers {@code /ws/v1/events}: each event one text frame, a CloudEvent; {@code ?topic=} and {@code ?after=} as in REST. */
@Component(
        service = ServerEndpointConfig.class,
        configurationPid = "dev.viber.rest",
        property = {
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer"
        })
public final class EventsEndpoint implements ServerEndpointConfig {
    private static final Logger LOG = LoggerFactory.getLogger(EventsEndpoint.class);
    private static final int MOST_INBOUND = 64 * 1024;
    private static final int TOKEN_REVOKED = 4401;

    private final Desks desks;
    private final Duration heartbeat;
    private final Map<String, Object> userProperties = new ConcurrentHashMap<>();
    private final Set<Reader> readers = ConcurrentHashMap.newKeySet();
    private final Revocations revocations;
    private final Consumer<String> onRevoked = this::endOf;

    /** Follows what these desks have. */
    @Activate
    public EventsEndpoint(@Reference Desks desks, @Reference Revocations revocations, RestConfig config) {
        this.desks = desks;
        this.revocations = revocations;
        revocations.tell(onRevoked);
        this.heartbeat = Duration.ofMillis(config.heartbeat_ms());
    }

    /** Closes every socket with 1012, so that its reader comes back with {@code ?after=}. */
    @Deactivate
    public void deactivate() {
        revocations.forget(onRevoked);
        readers.forEach(reader -> reader.close(CloseCodes.SERVICE_RESTART, "the events service stops"));
    }

    private void endOf(String tokenId) {
        readers.stream()
                .filter(reader -> reader.isOf(tokenId))
                .forEach(reader -> reader.close(() -> TOKEN_REVOKED, "the token is not valid any more"));
    }

    @Override
    public Class<?> getEndpointClass() {
        return Reader.class;
    }

    @Override
    public String getPath() {
        return "/ws/v1/events";
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
                return endpointClass.cast(new Reader());
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

    /** One socket; public because Jetty wants endpoints to be. */
    public final class Reader extends Endpoint implements Follower.Sink {
        private final Framing framing = new Framing.AsCloudEvent();
        private final JsonBytes out = new JsonBytes(1024);
        private @Nullable Session session;
        private volatile @Nullable Follower follower;
        private long place;

        @Override
        public void onOpen(Session opened, EndpointConfig config) {
            session = opened;
            opened.setMaxTextMessageBufferSize(MOST_INBOUND);
            opened.setMaxBinaryMessageBufferSize(MOST_INBOUND);
            opened.addMessageHandler(String.class, (MessageHandler.Whole<String>)
                    text -> LOG.trace("A message of {} characters is not known here", text.length()));
            opened.addMessageHandler(ByteBuffer.class, (MessageHandler.Whole<ByteBuffer>)
                    bytes -> LOG.trace("A message of {} bytes is not known here", bytes.remaining()));
            try {
                List<String> topics = Topics.parse(first(opened, "topic"));
                String after = first(opened, "after");
                place = after == null ? desks.lastPosition() : Long.parseUnsignedLong(after);
                Follower made = desks.follow((bus, from) -> bus.followAll(topics, from), place);
                follower = made;
                readers.add(this);
                made.cursor();
                Thread.ofVirtual().name("ws-events").start(() -> follow(made));
            } catch (NumberFormatException e) {
                close(CloseCodes.VIOLATED_POLICY, "after is not a number; wanted one from 0");
            } catch (ProblemException e) {
                close(CloseCodes.VIOLATED_POLICY, String.valueOf(e.getMessage()));
            } catch (GateShutException e) {
                close(CloseCodes.TRY_AGAIN_LATER, "there is no event bus at the moment");
            }
        }

        private static @Nullable String first(Session session, String name) {
            List<String> values = session.getRequestParameterMap().getOrDefault(name, List.of());
            return values.isEmpty() || values.getFirst().isEmpty() ? null : values.getFirst();
        }

        private void follow(Follower made) {
            try {
                made.run(this, heartbeat);
            } catch (IOException | IllegalStateException e) {
                LOG.debug("A reader of events is gone", e);
                close(CloseCodes.TRY_AGAIN_LATER, "there is no event bus at the moment");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                made.close();
                readers.remove(this);
            }
        }

        @Override
        public long events(List<Segment> segments) throws IOException {
            for (Segment segment : segments) {
                for (int i = 0; i < segment.events().size(); i++) {
                    out.clear();
                    framing.object(
                            out,
                            segment.position() + i,
                            segment.topic(),
                            segment.seq() + i,
                            segment.events().get(i));
                    send(out.textFrom(0));
                }
                place = segment.lastPosition();
            }
            return place;
        }

        @Override
        public void lagged(long wanted, long oldest) throws IOException {
            send("{\"type\":\"lagged\",\"wanted\":%d,\"oldest\":%d}".formatted(wanted, oldest));
        }

        @Override
        public void idle() throws IOException {
            Session present = session;
            if (present != null) {
                present.getBasicRemote().sendPing(ByteBuffer.allocate(0));
            }
        }

        @Override
        public boolean hasEnded() {
            return false;
        }

        private void send(String text) throws IOException {
            Session present = session;
            if (present != null) {
                present.getBasicRemote().sendText(text);
            }
        }

        @Override
        public void onClose(Session gone, CloseReason reason) {
            stop();
        }

        @Override
        public void onError(Session gone, Throwable failure) {
            LOG.debug("A socket of a reader of events failed", failure);
        }

        private void stop() {
            readers.remove(this);
            Follower present = follower;
            if (present != null) {
                present.close();
            }
        }

        boolean isOf(String tokenId) {
            Session present = session;
            return present != null
                    && present.getUserProperties().get(HttpContribution.PRINCIPAL) instanceof Principal principal
                    && principal.tokenId().equals(tokenId);
        }

        void close(CloseReason.CloseCode code, String reason) {
            stop();
            Session present = session;
            try {
                if (present != null && present.isOpen()) {
                    present.close(new CloseReason(code, reason));
                }
            } catch (IOException e) {
                LOG.debug("A socket could not be closed in order", e);
            }
        }
    }
}
