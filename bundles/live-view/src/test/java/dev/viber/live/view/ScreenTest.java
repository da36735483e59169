package dev.viber.live.view;

import static org.assertj.core.api.Assertions.assertThat;

import dev.viber.api.event.EventBus;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.StoreException;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

/** A screen before a browser that takes connections and closes none, as one whose machine was killed. */
class ScreenTest {
    private static final int PATIENCE_S = 60;
    private static final Pattern KEY = Pattern.compile("(?i)sec-websocket-key: (\\S+)");
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String ANSWER = "{\"webSocketDebuggerUrl\":\"ws://localhost/devtools/browser/1\"}";

    private final LinkedBlockingQueue<List<Segment>> told = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Desks desks = new Desks();
    private ServerSocket server;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getByName("127.0.74.1"));
        Thread.ofVirtual().start(this::accept);
        InetSocketAddress address = (InetSocketAddress) server.getLocalSocketAddress();
        desks.bindVms(only(VmDesk.class, method -> method.equals("enter") ? enter(address) : null));
        EventBus.Cursor cursor = only(EventBus.Cursor.class, method -> method.equals("next") ? told.take() : null);
        desks.bindEvents(only(EventBus.class, method -> cursor));
    }

    private Promise<VmDesk.Door> enter(InetSocketAddress address) {
        Throwable failure = failures.poll();
        return failure == null
                ? Promises.resolved(new VmDesk.Door(address, address, "secret"))
                : Promises.failed(failure);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private interface Answers {
        @Nullable
        Object to(String method) throws Exception;
    }

    private static <T> T only(Class<T> type, Answers answers) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> method.getName().equals("hashCode")
                        ? System.identityHashCode(self)
                        : answers.to(method.getName())));
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            seen.add("closed");
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            while (true) {
                String head = head(socket.getInputStream());
                Matcher key = KEY.matcher(head);
                if (key.find()) {
                    say(
                            socket,
                            "101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                                    + accepted(key.group(1)) + "\r\n\r\n");
                    seen.add("opened");
                    drain(socket.getInputStream());
                    seen.add("gone");
                    return;
                }
                say(socket, "200 OK\r\nContent-Length: %d\r\n\r\n%s".formatted(ANSWER.length(), ANSWER));
            }
        } catch (IOException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void say(Socket socket, String what) throws IOException {
        socket.getOutputStream().write(("HTTP/1.1 " + what).getBytes(StandardCharsets.US_ASCII));
    }

    private static String accepted(String key) throws NoSuchAlgorithmException {
        return Base64.getEncoder()
                .encodeToString(
                        MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(StandardCharsets.US_ASCII)));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new UncheckedIOException(new IOException("the client is gone"));
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void drain(InputStream in) {
        try {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
            // it ended, in another way
        }
    }

    private void happens(String kind) {
        told.add(List.of(new Segment(1, Vm.TOPIC + "web", 1, List.of(new JournalEvent(kind, 0, "{}")))));
    }

    @Test
    void aMachineThatCrashedIsLetGoAndItsNextLifeIsShown() throws Exception {
        Screen screen = new Screen("web", desks, WheelsTest.wheels(60_000, 60_000, 60_000));
        try {
            assertThat(seen.poll(PATIENCE_S, TimeUnit.SECONDS)).isEqualTo("opened");
            happens("crashed");
            happens("starting");
            happens("ready");
            assertThat(List.of(next(), next())).containsExactlyInAnyOrder("gone", "opened");
        } finally {
            screen.close();
        }
        assertThat(next()).isEqualTo("gone");
    }

    @Test
    void aStoreThatErrsKeepsNobodyWaiting() throws Exception {
        failures.add(new StoreException("the disk is full", null));
        Screen screen = new Screen("web", desks, WheelsTest.wheels(60_000, 60_000, 60_000));
        try {
            assertThat(next()).as("it is tried again").isEqualTo("opened");
        } finally {
            screen.close();
        }
        assertThat(next()).isEqualTo("gone");
    }

    private String next() throws InterruptedException {
        String next = seen.poll(PATIENCE_S, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }
}
