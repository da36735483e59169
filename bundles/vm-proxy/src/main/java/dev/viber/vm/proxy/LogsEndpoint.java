package dev.viber.vm.proxy;

import dev.viber.api.auth.Principal;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.vm.proxy.Stays.Stay;
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
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code /ws/v1/vms/NAME/logs}: the agent's log as the first Viper gave it, a text frame {@code {name, stream, line,
 * timestamp}} for each line; what is kept comes first. Closed with 1000 where there is no such VM or its log ended, 1013
 * where its guest is not up.
 */
@Component(
        service = ServerEndpointConfig.class,
        property = {
            HttpContribution.ROLES + "=owner",
            HttpContribution.ROLES + "=operator",
            HttpContribution.ROLES + "=viewer"
        })
public final class LogsEndpoint extends SocketConfig {
    private static final Logger LOG = LoggerFactory.getLogger(LogsEndpoint.class);

    private final Doors doors;

    /** Tells of the guests behind these doors. */
    @Activate
    public LogsEndpoint(@Reference Doors doors) {
        super("/ws/v1/vms/{name}/logs", Lines.class);
        this.doors = doors;
    }

    @Override
    Endpoint endpoint() {
        return new Lines();
    }

    /** One socket; public because Jetty wants endpoints to be. */
    public final class Lines extends Endpoint {
        private volatile @Nullable Thread reading;
        private volatile Runnable forget = () -> {};

        @Override
        public void onOpen(Session session, EndpointConfig config) {
            // Without a handler a client that goes would not be noticed.
            session.addMessageHandler(
                    String.class, (MessageHandler.Whole<String>) text -> LOG.trace("a message is not known here"));
            String name = SocketConfig.vm(session);
            Principal by = session.getUserProperties().get(HttpContribution.PRINCIPAL) instanceof Principal known
                    ? known
                    : null;
            forget = doors.opened()
                    .add(by, () -> close(session, () -> TOKEN_REVOKED, "the token is not valid any more"));
            reading = Thread.ofVirtual().name("vm-logs").start(() -> read(session, name));
        }

        private void read(Session session, String name) {
            try (Stay stay = doors.enter(name)) {
                AgentLog.read(doors.guest(), stay, null, true, new AgentLog.Sink() {
                    @Override
                    public void entry(AgentLog.Entry entry) throws IOException {
                        Map<String, Object> frame = new LinkedHashMap<>();
                        frame.put("name", name);
                        frame.put("stream", entry.stream());
                        frame.put("line", entry.line());
                        frame.put("timestamp", entry.timestamp());
                        session.getBasicRemote().sendText(JsonMapper.shared().writeValueAsString(frame));
                    }

                    @Override
                    public void silent() throws IOException {
                        session.getBasicRemote().sendPing(ByteBuffer.allocate(0));
                    }
                });
                close(session, CloseCodes.NORMAL_CLOSURE, "log stream closed");
            } catch (ProblemException e) {
                boolean unknown = e.kind() == ProblemException.Kind.NOT_FOUND;
                close(
                        session,
                        unknown ? CloseCodes.NORMAL_CLOSURE : CloseCodes.TRY_AGAIN_LATER,
                        String.valueOf(e.getMessage()));
            } catch (GateShutException e) {
                close(session, CloseCodes.TRY_AGAIN_LATER, String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                LOG.debug("the log of {} is not told any more", name, e);
                close(session, CloseCodes.UNEXPECTED_CONDITION, String.valueOf(e.getMessage()));
            } catch (IOException e) {
                close(session, CloseCodes.TRY_AGAIN_LATER, "the agent of %s does not answer: %s".formatted(name, e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the client is gone
            }
        }

        @Override
        public void onClose(Session session, CloseReason reason) {
            forget.run();
            Thread present = reading;
            if (present != null) {
                present.interrupt();
            }
        }

        @Override
        public void onError(Session session, Throwable failure) {
            LOG.debug("a reader of logs is gone", failure);
        }
    }
}
