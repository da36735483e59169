package dev.viber.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A port of this machine that is a browser's DevTools in a VM: each connection is passed on to the server, with the token
 * in its head, and answers have the browser's addresses lead back here.
 */
final class BrowserDoor implements AutoCloseable {
    private static final int HEAD = 64 * 1024;

    private final URI server;
    private final @Nullable String token;
    private final @Nullable SSLContext trust;
    private final String path;
    private final ServerSocket here;

    BrowserDoor(URI server, @Nullable String token, @Nullable SSLContext trust, String name, InetAddress bind, int port)
            throws IOException {
        this.server = server;
        this.token = token;
        this.trust = trust;
        path = "/api/v1/vms/" + name + "/devtools";
        try {
            here = new ServerSocket(port, 64, bind);
        } catch (IOException e) {
            throw new CommandFailure(
                    Exit.FAILED,
                    "cannot listen on %s:%d: %s; another --port?"
                            .formatted(bind.getHostAddress(), port, e.getMessage()));
        }
    }

    /** What clients are told. */
    String url() {
        return "http://" + authority();
    }

    private String authority() {
        return here.getInetAddress().getHostAddress() + ":" + here.getLocalPort();
    }

    /** Serves until it is closed. */
    void serve() throws IOException {
        try {
            while (true) {
                Socket client = here.accept();
                Thread.ofVirtual().name("browser-door").start(() -> pass(client));
            }
        } catch (SocketException e) {
            if (!here.isClosed()) {
                throw e;
            }
        }
    }

    private void pass(Socket client) {
        try (client;
                Socket there = connect()) {
            client.setTcpNoDelay(true);
            there.setTcpNoDelay(true);
            List<String> head = head(client.getInputStream());
            String[] request = head.getFirst().split(" ", 3);
            boolean socket =
                    head.stream().anyMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("upgrade:"));
            write(there.getOutputStream(), request, head, socket);
            if (socket) {
                Thread back = Thread.ofVirtual().name("browser-door").start(() -> copy(there, client));
                copy(client, there);
                back.join();
            } else {
                answer(there.getInputStream(), client.getOutputStream());
            }
        } catch (IOException e) {
            // One side hung up, and so does the other: that is how connections end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Socket connect() throws IOException {
        boolean secure = "https".equals(server.getScheme());
        int port = server.getPort() > 0 ? server.getPort() : secure ? 443 : 80;
        if (!secure) {
            return new Socket(server.getHost(), port);
        }
        try {
            SSLContext context = trust == null ? SSLContext.getDefault() : trust;
            javax.net.ssl.SSLSocket socket =
                    (javax.net.ssl.SSLSocket) context.getSocketFactory().createSocket(server.getHost(), port);
            javax.net.ssl.SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            return socket;
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    private void write(OutputStream out, String[] request, List<String> head, boolean socket) throws IOException {
        StringBuilder text = new StringBuilder(
                request[0] + " " + path + request[1] + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\n");
        for (String line : head.subList(1, head.size())) {
            String name = line.substring(0, Math.max(0, line.indexOf(':'))).toLowerCase(Locale.ROOT);
            boolean ours =
                    List.of("host", "authorization", "origin").contains(name) || (!socket && name.equals("connection"));
            if (!ours) {
                text.append(line).append("\r\n");
            }
        }
        if (token != null) {
            text.append("Authorization: Bearer ").append(token).append("\r\n");
        }
        if (!socket) {
            text.append("Connection: close\r\n");
        }
        out.write(text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    /** One answer of DevTools: short JSON, whose length changes with the addresses in it. */
    private void answer(InputStream in, OutputStream out) throws IOException {
        List<String> head = head(in);
        boolean chunked = head.stream().anyMatch(line -> line.equalsIgnoreCase("Transfer-Encoding: chunked"));
        byte[] body = chunked ? unchunked(in) : in.readAllBytes();
        String told = new String(body, StandardCharsets.UTF_8)
                .replaceAll("wss?://[^/\"]+/api/v1/vms/[^/\"]+/devtools/", "ws://" + authority() + "/devtools/")
                .replaceAll("([?&])wss?=[^/\"&]+/api/v1/vms/[^/\"]+/devtools/", "$1ws=" + authority() + "/devtools/");
        byte[] bytes = told.getBytes(StandardCharsets.UTF_8);
        StringBuilder text = new StringBuilder(head.getFirst() + "\r\n");
        for (String line : head.subList(1, head.size())) {
            String name = line.substring(0, Math.max(0, line.indexOf(':'))).toLowerCase(Locale.ROOT);
            if (!List.of("content-length", "transfer-encoding", "connection").contains(name)) {
                text.append(line).append("\r\n");
            }
        }
        text.append("Content-Length: ").append(bytes.length).append("\r\nConnection: close\r\n\r\n");
        out.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
        out.write(bytes);
    }

    private static byte[] unchunked(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
            body.write(in.readNBytes(size));
            line(in);
            if (size == 0) {
                return body.toByteArray();
            }
        }
    }

    private static List<String> head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            lines.add(line);
        }
        if (lines.isEmpty()) {
            throw new IOException("an empty head");
        }
        return lines;
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int one = in.read(); one != '\n'; one = in.read()) {
            if (one < 0 || line.size() > HEAD) {
                throw new IOException("the connection ended within a head");
            }
            line.write(one);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // as in pass
        } finally {
            try {
                to.close();
            } catch (IOException e) {
                // closed already
            }
        }
    }

    @Override
    public void close() throws IOException {
        here.close();
    }
}
