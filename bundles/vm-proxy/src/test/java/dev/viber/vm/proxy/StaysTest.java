package dev.viber.vm.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import dev.viber.vm.proxy.Stays.Stay;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.util.promise.Promises;

/** A guest that takes connections and never closes one, as one whose machine was killed. */
class StaysTest {
    static final String NAME = "web-1";
    static final Instant START = Instant.parse("2026-11-29T12:00:00Z");
    private static final int PATIENCE_S = 60;

    private final Set<Object> inside = ConcurrentHashMap.newKeySet();
    private final LinkedBlockingQueue<List<Segment>> told = new LinkedBlockingQueue<>();
    private final Semaphore asked = new Semaphore(0);
    private final Gate<VmDesk> desk = new Gate<>("desk", Duration.ofSeconds(PATIENCE_S));
    private final Gate<EventBus> events = new Gate<>("bus", Duration.ofSeconds(PATIENCE_S));
    private final Guest guest = new Guest();
    private final Stays stays = new Stays(desk, events);
    private volatile @Nullable Vm vm = vm(Phase.READY, START);
    private ServerSocket server;

    @BeforeEach
    void start() throws Exception {
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.73.1"));
        desk.open(only(VmDesk.class, (method, arguments) -> switch (method) {
            case "enter" -> {
                inside.add(arguments[1]);
                InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
                yield Promises.resolved(new VmDesk.Door(address, address, "secret"));
            }
            case "leave" -> inside.remove(arguments[1]);
            case "find" -> Optional.ofNullable(vm);
            default -> throw new UnsupportedOperationException(method);
        }));
        EventBus.Cursor cursor = only(EventBus.Cursor.class, (method, arguments) -> switch (method) {
            case "next" -> {
                asked.release();
                yield told.take();
            }
            case "close" -> told.add(List.of());
            default -> throw new UnsupportedOperationException(method);
        });
        events.open(only(EventBus.class, (method, arguments) -> cursor));
    }

    @AfterEach
    void stop() throws IOException {
        stays.close();
        guest.close();
        server.close();
    }

    interface Answers {
        Object to(String method, Object[] arguments) throws Exception;
    }

    static <T> T only(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(self);
                    default -> {
                        Object answer = answers.to(method.getName(), arguments);
                        yield method.getReturnType() == void.class ? null : answer;
                    }
                }));
    }

    static Vm vm(Phase phase, Instant started) {
        VmSpec spec = new VmSpec(NAME, 1, 128, null, null, VmSpec.Restart.NEVER, null, null, null);
        Lease lease = new Lease("10.0.0.9");
        return new Vm(1, spec, phase, null, lease, null, null, null, null, Map.of(), START, START, started, null);
    }

    private void happens(@Nullable Vm now) {
        vm = now;
        told.add(List.of(new Segment(1, Vm.TOPIC + NAME, 1, List.of(new JournalEvent("any", 0, "{}")))));
    }

    static String head(Socket served) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) served.getInputStream().read());
        }
        return head.toString();
    }

    @Test
    void aCallOfAMachineThatIsKilledEnds() throws Exception {
        Stay stay = stays.enter(NAME);
        FutureTask<HttpResponse<InputStream>> call = new FutureTask<>(() -> guest.get(stay, "/v1/tabs", Map.of()));
        Thread.ofVirtual().start(call);
        try (Socket served = server.accept()) {
            assertThat(head(served)).startsWith("GET /v1/tabs ");
            happens(vm(Phase.CRASHED, START));
            assertThatThrownBy(() -> call.get(PATIENCE_S, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("its machine has ended");
        }
        assertThat(inside).isEmpty();
    }

    @Test
    void anAnswerOfAMachineThatWasStartedOverSinceEnds() throws Exception {
        Stay stay = stays.enter(NAME);
        CountDownLatch half = new CountDownLatch(1);
        FutureTask<Integer> call = new FutureTask<>(() -> {
            InputStream body = guest.get(stay, "/v1/logs/stream", Map.of()).body();
            assertThat(body.readNBytes(4)).hasSize(4);
            half.countDown();
            return body.readNBytes(6).length;
        });
        Thread.ofVirtual().start(call);
        try (Socket served = server.accept()) {
            head(served);
            served.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".getBytes(StandardCharsets.US_ASCII));
            assertThat(half.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
            happens(vm(Phase.STARTING, START.plusSeconds(1)));
            assertThatThrownBy(() -> call.get(PATIENCE_S, TimeUnit.SECONDS)).hasRootCauseInstanceOf(IOException.class);
        }
        assertThat(inside).isEmpty();
    }

    @Test
    void whatElseHappensToAMachineEndsNothing() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        Stay stay = stays.enter(NAME);
        stay.onEnd(ended::countDown);
        happens(vm(Phase.PAUSED, START));
        happens(vm(Phase.STANDBY, START));
        asked.acquire(3); // and so has acted on both
        assertThat(inside).hasSize(1);
        assertThat(ended.getCount()).isEqualTo(1);
        happens(null);
        assertThat(ended.await(PATIENCE_S, TimeUnit.SECONDS)).isTrue();
        assertThat(inside).isEmpty();
        CountDownLatch late = new CountDownLatch(1);
        stay.onEnd(late::countDown);
        assertThat(late.getCount()).isZero();
    }

    @Test
    void aLineThatNeverEndsEndsTheLog() throws Exception {
        byte[] line = new byte[Guest.LONGEST];
        assertThatThrownBy(() -> isLogged(line)).hasMessageContaining("is longer than");
    }

    @Test
    void aLineThatIsNoJsonEndsTheLog() {
        assertThatThrownBy(() -> isLogged("{nonsense\n".getBytes(StandardCharsets.US_ASCII)))
                .hasMessageContaining("is not JSON");
    }

    private void isLogged(byte[] said) throws Exception {
        Stay stay = stays.enter(NAME);
        FutureTask<Boolean> log = new FutureTask<>(() -> {
            AgentLog.read(guest, stay, null, true, new AgentLog.Sink() {
                @Override
                public void entry(AgentLog.Entry entry) {
                    throw new AssertionError(entry.line().length());
                }

                @Override
                public void silent() {}
            });
            return true;
        });
        Thread.ofVirtual().start(log);
        try (Socket served = server.accept()) {
            head(served);
            OutputStream out = served.getOutputStream();
            out.write("HTTP/1.1 200 OK\r\n\r\ndata: ".getBytes(StandardCharsets.US_ASCII));
            out.write(said);
            log.get(PATIENCE_S, TimeUnit.SECONDS);
        }
    }
}
