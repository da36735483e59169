package dev.viber.vm.proxy;

import dev.viber.api.auth.Audit.Outcome;
import dev.viber.api.auth.Principal;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Console;
import dev.viber.api.vm.VmDesk;
import dev.viber.vm.proxy.Stays.Stay;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /api/v1/vms/NAME/console}: the serial console as a WebSocket. What was printed last and what is printed from then on
 * goes out in binary messages; what comes in, binary or text, is typed, where the hypervisor takes it, which a first text
 * message says: {@code {"input":true}}. Many may look on ({@code ?input=false}); who opens it last without that types, and the one before is
 * closed.
 */
@Component(
        service = ServerEndpointConfig.class,
        property = {HttpContribution.ROLES + "=owner", HttpContribution.ROLES + "=operator"})
public final class ConsoleEndpoint extends SocketConfig {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleEndpoint.class);
    private static final int MOST_TYPED = 64 * 1024;
    private static final long HISTORY = 64 * 1024;
    private static final long HEARTBEAT_S = 15;

    private final Doors doors;

    /** Opens the consoles that these doors lead to. */
    @Activate
    public ConsoleEndpoint(@Reference Doors doors) {
        super("/api/v1/vms/{name}/console", Sitting.class);
        this.doors = doors;
    }

    @Override
    Endpoint endpoint() {
        return new Sitting();
    }

    /** One socket; public because Jetty wants endpoints to be. */
    public final class Sitting extends Endpoint {
        private @Nullable Session session;
        private volatile @Nullable Tail tail;
        private volatile @Nullable Console typed;
        private volatile @Nullable Stay stay;
        private final AtomicBoolean ended = new AtomicBoolean();
        private volatile Runnable forget = () -> {};

        @Override
        public void onOpen(Session open, EndpointConfig config) {
            session = open;
            open.setMaxTextMessageBufferSize(MOST_TYPED);
            open.setMaxBinaryMessageBufferSize(MOST_TYPED);
            open.addMessageHandler(ByteBuffer.class, (MessageHandler.Whole<ByteBuffer>) this::type);
            open.addMessageHandler(String.class, (MessageHandler.Whole<String>)
                    text -> type(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
            String name = SocketConfig.vm(open);
            Principal by =
                    open.getUserProperties().get(HttpContribution.PRINCIPAL) instanceof Principal known ? known : null;
            try {
                boolean looking = open.getRequestParameterMap()
                        .getOrDefault("input", List.of())
                        .contains("false");
                // Before anything is waited for: a token that ends meanwhile opens nothing.
                forget = doors.opened().add(by, () -> end(() -> TOKEN_REVOKED, "the token is not valid any more"));
                if (!looking) {
                    stay = doors.enter(name); // one that stands by reads nothing
                }
                Optional<Console> console = looking ? Optional.empty() : doors.console(name);
                typed = console.orElse(null);
                Tail reading = new Tail(doors.log(name, VmDesk.Log.SERIAL), doors.growths());
                tail = reading;
                if (ended.get()) {
                    release();
                    return;
                }
                String address = (String) open.getUserProperties().get(HttpContribution.ADDRESS);
                doors.visits().add(by, address, "vmConsole", name, Outcome.DONE, Map.of());
                open.getBasicRemote().sendText("{\"input\":%b}".formatted(console.isPresent()));
                Thread.ofVirtual().name("vm-console").start(() -> show(reading, open));
                console.ifPresent(
                        present -> Thread.ofVirtual().name("vm-console").start(() -> await(present)));
            } catch (ProblemException e) {
                end(CloseCodes.VIOLATED_POLICY, String.valueOf(e.getMessage()));
            } catch (GateShutException | IOException e) {
                end(CloseCodes.TRY_AGAIN_LATER, String.valueOf(e.getMessage()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                end(CloseCodes.TRY_AGAIN_LATER, "the server ends");
            } catch (RuntimeException e) {
                LOG.warn("the console of {} does not open", name, e);
                end(CloseCodes.UNEXPECTED_CONDITION, "the console does not open; the server's log tells why");
            }
        }

        private void show(Tail reading, Session open) {
            try {
                reading.read(HISTORY, HEARTBEAT_S, new Tail.Sink() {
                    @Override
                    public void bytes(ByteBuffer bytes) throws IOException {
                        open.getBasicRemote().sendBinary(bytes);
                    }

                    @Override
                    public void idle() throws IOException {
                        open.getBasicRemote().sendPing(ByteBuffer.allocate(0));
                    }
                });
            } catch (IOException | IllegalStateException e) {
                LOG.debug("a console is not looked at any more", e);
                end(CloseCodes.CLOSED_ABNORMALLY, "");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void await(Console console) {
            try {
                switch (console.awaitEnd()) {
                    case ELSEWHERE -> end(CloseCodes.NORMAL_CLOSURE, "the console was opened elsewhere");
                    case LET_GO -> end(CloseCodes.NORMAL_CLOSURE, "the machine ended, or the server lets go of it");
                    case LEFT -> LOG.debug("a console was left");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void type(ByteBuffer bytes) {
            Console present = typed;
            if (present == null) {
                return; // as was told when it opened
            }
            try {
                present.type(bytes);
            } catch (IOException e) {
                LOG.debug("nothing can be typed any more", e);
            }
        }

        @Override
        public void onClose(Session gone, jakarta.websocket.CloseReason reason) {
            release();
        }

        @Override
        public void onError(Session gone, Throwable failure) {
            LOG.debug("the socket of a console failed", failure);
        }

        private void release() {
            forget.run();
            close(tail);
            close(stay);
            close(typed);
        }

        private void end(jakarta.websocket.CloseReason.CloseCode code, String why) {
            if (!ended.compareAndSet(false, true)) {
                return; // the first reason is the one told: letting go of the channel ends its reader, too
            }
            release();
            Session present = session;
            if (present != null) {
                SocketConfig.close(present, code, why);
            }
        }

        private static void close(@Nullable AutoCloseable one) {
            try {
                if (one != null) {
                    one.close();
                }
            } catch (Exception e) {
                LOG.debug("closing", e);
            }
        }
    }
}
