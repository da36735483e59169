package dev.viber.vm.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.viber.api.auth.Principal;
import dev.viber.api.auth.Role;
import dev.viber.api.event.EventBus;
import dev.viber.api.gate.Gate;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmLifecycle.Phase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.util.promise.Promises;

/** Clients on real sockets, before a guest that closes none. */
class ProxyTest {
    private static final int PATIENCE_MS = 60_000;
    private static final Principal BY = new Principal("one", Role.OPERATOR, null);
    private static final String PATH = "/api/v1/vms/" + StaysTest.NAME;

    @TempDir
    private Path folder;

    private final LinkedBlockingQueue<List<Segment>> told = new LinkedBlockingQueue<>();
    private final CountDownLatch asleep = new CountDownLatch(1);
    private final CountDownLatch awake = new CountDownLatch(1);
    private final Opened opened = new Opened();
    private final Doors doors = new Doors(opened);
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private volatile Vm vm = StaysTest.vm(Phase.READY, StaysTest.START);
    private volatile boolean sleeps;
    private volatile @Nullable Throwable failure;
    private ServerSocket guest;

    @BeforeEach
    void start() throws Exception {
        guest = new ServerSocket(0, 50, InetAddress.getByName("127.0.75.1"));
        InetSocketAddress address = (InetSocketAddress) guest.getLocalSocketAddress();
        doors.bindDesk(StaysTest.only(VmDesk.class, (method, arguments) -> switch (method) {
            case "enter" -> {
                if (sleeps) {
                    asleep.countDown();
                    awake.await();
                }
                Throwable why = failure;
                if (why != null) {
                    yield Promises.failed(why);
                }
                yield Promises.resolved(new VmDesk.Door(address, address, "secret"));
            }
            case "find" -> Optional.of(vm);
            case "log" -> folder.resolve("serial.log");
            default -> "";
        }));
        EventBus.Cursor cursor =
                StaysTest.only(EventBus.Cursor.class, (method, arguments) -> method.equals("next") ? told.take() : "");
        doors.bindEvents(StaysTest.only(EventBus.class, (method, arguments) -> cursor));
        DevToolsProxy devTools = new DevToolsProxy(doors, new Turns());
        AgentProxy agent = new AgentProxy(doors, new Turns());
        LogsHandler logs = new LogsHandler(doors);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                request.setAttribute(HttpContribution.PRINCIPAL, BY);
                String path = Request.getPathInContext(request);
                if (path.startsWith(PATH + "/agent/")) {
                    return agent.handle(request, response, callback);
                }
                return path.endsWith("/logs")
                        ? logs.handle(request, response, callback)
                        : devTools.handle(request, response, callback);
            }
        });
        connector.setHost("127.0.75.2");
        server.addConnector(connector);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        doors.close();
        server.stop();
        guest.close();
    }

    private Socket ask(String path, String headers) throws IOException {
        Socket client = new Socket();
        client.connect(new InetSocketAddress("127.0.75.2", connector.getLocalPort()), PATIENCE_MS);
        client.setSoTimeout(PATIENCE_MS);
        client.getOutputStream()
                .write("GET %s%s HTTP/1.1\r\nHost: a\r\n%s\r\n"
                        .formatted(PATH, path, headers)
                        .getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    private Socket upgrade() throws IOException {
        return ask("/devtools/browser/1", "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    }

    private Socket agreed() throws IOException {
        Socket served = guest.accept();
        StaysTest.head(served);
        agree(served);
        return served;
    }

    private static void agree(Socket served) throws IOException {
        say(served, "101 Yes\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello");
    }

    private static void say(Socket served, String what) throws IOException {
        served.getOutputStream().write(("HTTP/1.1 " + what).getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void aSocketEndsWithItsMachine() throws Exception {
        try (Socket client = upgrade();
                Socket served = agreed()) {
            assertThat(StaysTest.head(client)).startsWith("HTTP/1.1 101 ");
            assertThat(client.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
            vm = StaysTest.vm(Phase.CRASHED, StaysTest.START);
            told.add(List.of(new Segment(1, Vm.TOPIC + vm.name(), 1, List.of(new JournalEvent("any", 0, "{}")))));
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(served.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aTokenThatIsRevokedWhileTheMachineWakesOpensNothing() throws Exception {
        sleeps = true;
        try (Socket client = upgrade()) {
            assertThat(asleep.await(PATIENCE_MS, TimeUnit.MILLISECONDS)).isTrue();
            opened.revoked(BY);
            awake.countDown();
            assertThat(StaysTest.head(client)).startsWith("HTTP/1.1 401 ");
        }
    }

    @Test
    void aTokenThatIsRevokedWhileTheGuestAnswersOpensNothing() throws Exception {
        try (Socket client = upgrade();
                Socket served = guest.accept()) {
            StaysTest.head(served);
            opened.revoked(BY);
            agree(served);
            assertThat(StaysTest.head(client)).startsWith("HTTP/1.1 401 ");
            assertThat(served.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aSocketEndsWithItsToken() throws Exception {
        try (Socket client = upgrade();
                Socket served = agreed()) {
            assertThat(StaysTest.head(client)).startsWith("HTTP/1.1 101 ");
            assertThat(client.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
            opened.revoked(BY);
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(served.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aLogThatIsFollowedEndsWithItsToken() throws Exception {
        Files.writeString(folder.resolve("serial.log"), "a line\n");
        try (Socket client = ask("/logs", "Accept: text/event-stream\r\n")) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            assertThat(lines.lines().filter("data: a line"::equals).findFirst()).isPresent();
            opened.revoked(BY);
            assertThat(lines.lines().noneMatch(line -> line.startsWith("data: ")))
                    .as("it ends, and long before its next heartbeat")
                    .isTrue();
        }
    }

    @Test
    void anAnswerOfTheAgentThatIsFollowedEndsWithItsToken() throws Exception {
        try (Socket client = ask("/agent/v1/logs/stream", "");
                Socket served = guest.accept()) {
            assertThat(StaysTest.head(served)).startsWith("GET /v1/logs/stream ");
            say(served, "200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\na line\n\r\n");
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            assertThat(lines.lines().filter("a line"::equals).findFirst()).isPresent();
            opened.revoked(BY);
            assertThat(lines.lines().noneMatch("0"::equals))
                    .as("it is cut: no last chunk says that this was all")
                    .isTrue();
            assertThat(served.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void aTokenThatIsRevokedBeforeTheAgentSaysAnythingHearsNothing() throws Exception {
        try (Socket client = ask("/agent/v1/logs/stream", "");
                Socket served = guest.accept()) {
            StaysTest.head(served);
            say(served, "200 OK\r\nContent-Length: 6\r\n\r\n");
            opened.revoked(BY);
            assertThat(StaysTest.head(client)).startsWith("HTTP/1.1 401 ");
            assertThat(served.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void anAnswerOfTheAgentIsGivenAsItIs() throws Exception {
        try (Socket client = ask("/agent/v1/tabs", "Connection: close\r\n");
                Socket served = guest.accept()) {
            StaysTest.head(served);
            say(served, "404 No\r\nContent-Length: 6\r\nX-Own: its\r\n\r\na line");
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.1 404 ")
                    .containsIgnoringCase("x-own: its\r\n")
                    .endsWith("\r\n\r\na line");
        }
    }

    @Test
    void aStoreThatIsReplacedWhileTheMachineWakesIsUnavailable() throws Exception {
        failure = catchThrowable(() -> new Gate<String>("store", Duration.ZERO).call(store -> store));
        try (Socket client = ask("/agent/v1/tabs", "")) {
            assertThat(StaysTest.head(client)).startsWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void aLogIsGivenAsItIs() throws Exception {
        String text = "a line of the serial port\n".repeat(20_000);
        Files.writeString(folder.resolve("serial.log"), text);
        try (Socket client = ask("/logs", "Connection: close\r\n")) {
            String answer = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 200 ");
            assertThat(answer.lines()
                            .filter("a line of the serial port"::equals)
                            .count())
                    .isGreaterThan(19_000);
        }
    }
}
