package dev.viber.guest.chrome;

import dev.viber.api.guest.Access;
import dev.viber.api.guest.AgentLog;
import dev.viber.api.guest.Chrome;
import dev.viber.api.guest.Chrome.Running;
import dev.viber.api.guest.ChromeGoneException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * Chrome's DevTools for the outside: Chrome itself binds the loopback only and asks for no token.
 *
 * <p>Reads the head of a connection's first request, checks it, rewrites what Chrome must not see or would refuse, and from
 * then on copies bytes both ways.
 */
@Component(service = Forwarder.class, immediate = true)
public final class Forwarder {
    private static final int PORT = 9222;
    private static final int BUFFER = 64 * 1024;
    private static final int HEAD_WITHIN_MS = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Access access;
    private final Chrome chrome;
    private final AgentLog log;
    private final ServerSocket server = new ServerSocket();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Listens where the environment says. */
    @Activate
    public Forwarder(@Reference Access access, @Reference Chrome chrome, @Reference AgentLog log) throws IOException {
        this.access = access;
        this.chrome = chrome;
        this.log = log;
        InetSocketAddress address = address(System.getenv(), access.hasToken());
        server.setReuseAddress(true);
        try {
            server.bind(address);
        } catch (IOException e) {
            throw new IOException("cannot listen on " + address + " for DevTools: " + e.getMessage(), e);
        }
        Thread.ofVirtual().name("devtools-accept").start(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    @Deactivate
    void close() throws IOException {
        server.close();
        for (Socket each : open) {
            each.close();
        }
    }

    /** {@code VIPER_AGENT_DEVTOOLS_ADDR}, or the first Viper's two settings; on all addresses only with a token. */
    static InetSocketAddress address(Map<String, String> environment, boolean guarded) {
        String own = environment.getOrDefault("VIPER_AGENT_DEVTOOLS_ADDR", "");
        String host = environment.getOrDefault("VIPER_AGENT_REMOTE_DEBUGGING_ADDR", "");
        String port = environment.getOrDefault("VIPER_AGENT_REMOTE_DEBUGGING_PORT", "");
        String text = own.isEmpty() && !(host.isEmpty() && port.isEmpty())
                ? (host.isEmpty() && !guarded ? "127.0.0.1" : host) + ":" + (port.isEmpty() ? PORT : port)
                : own;
        if (text.isEmpty()) {
            return guarded
                    ? new InetSocketAddress(PORT)
                    : new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
        }
        int colon = text.lastIndexOf(':');
        try {
            int number = Integer.parseInt(text.substring(colon + 1));
            if (colon >= 0 && number >= 0 && number <= 65_535) {
                return colon == 0
                        ? new InetSocketAddress(number)
                        : new InetSocketAddress(text.substring(0, colon), number);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new IllegalArgumentException("VIPER_AGENT_DEVTOOLS_ADDR is '" + text + "', wanted HOST:PORT or :PORT");
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                open.add(client);
                Thread.ofVirtual().name("devtools").start(() -> serve(client));
            } catch (IOException e) {
                if (!server.isClosed()) {
                    log.write("agent", "a DevTools connection was not taken: " + e.getMessage());
                }
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            client.setTcpNoDelay(true);
            client.setSoTimeout(HEAD_WITHIN_MS);
            InputStream in = new BufferedInputStream(client.getInputStream(), BUFFER);
            RequestHead head;
            try {
                head = RequestHead.read(in);
            } catch (IllegalArgumentException e) {
                refuse(client, 400, "Bad Request", "malformed", String.valueOf(e.getMessage()));
                return;
            }
            if (head != null) {
                client.setSoTimeout(0);
                serve(client, in, head);
            }
        } catch (IOException e) {
            // Either side may go at any time; the other one sees its connection end.
        } finally {
            open.remove(client);
        }
    }

    private void serve(Socket client, InputStream in, RequestHead head) throws IOException {
        String refusal = access.refusal(head.get("authorization"), head.get("host"), head.get("origin"));
        if (refusal != null) {
            refuse(client, access.hasToken() ? 401 : 403, "Unauthorized", "refused", refusal);
            return;
        }
        Running running;
        try {
            running = chrome.running(PATIENCE);
        } catch (ChromeGoneException e) {
            refuse(client, 502, "Bad Gateway", "chrome_gone", String.valueOf(e.getMessage()));
            return;
        }
        try (Socket devTools = new Socket(InetAddress.getLoopbackAddress(), running.port())) {
            open.add(devTools);
            devTools.setTcpNoDelay(true);
            OutputStream out = devTools.getOutputStream();
            out.write(head.forChrome(running.port()));
            if (head.isUpgrade()) {
                // The way in has a thread of its own, this one is the way out.
                Thread.ofVirtual().name("devtools-in").start(() -> copy(in, out, client, devTools));
                copy(devTools.getInputStream(), client.getOutputStream(), devTools, client);
            } else {
                answerOnce(devTools, client);
            }
            open.remove(devTools);
        }
    }

    private static void copy(InputStream from, OutputStream to, Socket one, Socket other) {
        byte[] buffer = new byte[BUFFER];
        try {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // As good as its end.
        } finally {
            close(one);
            close(other);
        }
    }

    /** One answer, then the end: what came next on the connection would go to Chrome unread. */
    private static void answerOnce(Socket devTools, Socket client) throws IOException {
        InputStream in = new BufferedInputStream(devTools.getInputStream(), BUFFER);
        RequestHead answer = RequestHead.read(in);
        if (answer != null) {
            String length = answer.get("content-length");
            OutputStream out = client.getOutputStream();
            out.write(answer.closing());
            out.write(in.readNBytes(length == null ? 0 : Integer.parseInt(length)));
            out.flush();
        }
    }

    private static void refuse(Socket client, int status, String reason, String code, String text) throws IOException {
        byte[] body = Json.object(Map.of("error", text, "code", code)).getBytes(StandardCharsets.UTF_8);
        String head = "HTTP/1.1 " + status + " " + reason + "\r\nContent-Type: application/json\r\nContent-Length: "
                + body.length + "\r\nConnection: close\r\n\r\n";
        client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        client.getOutputStream().write(body);
    }

    private static void close(@Nullable Socket socket) {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
