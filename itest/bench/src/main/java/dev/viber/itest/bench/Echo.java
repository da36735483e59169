package dev.viber.itest.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stands where a guest's DevTools would be, and answers as fast as can be: {@code Echo ADDRESS PORT}. An upgrade of {@code
 * /devtools/echo} gets back what it sends, {@code /devtools/blast?bytes=N} gets so many bytes, {@code
 * /devtools/sink?bytes=N} one byte when so many have come.
 */
public final class Echo {
    private static final int CHUNK = 64 * 1024;
    private static final Pattern ASKED = Pattern.compile("GET /devtools/(\\w+)(?:\\?bytes=(\\d+))? ");

    private Echo() {}

    /** Serves until it is killed; prints one line when it does. */
    public static void main(String[] arguments) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open()) {
            server.bind(new InetSocketAddress(arguments[0], Integer.parseInt(arguments[1])));
            System.out.println("{\"ready\":true,\"pid\":%d}"
                    .formatted(ProcessHandle.current().pid()));
            while (true) {
                SocketChannel channel = server.accept();
                Thread.ofPlatform().daemon().start(() -> serve(channel));
            }
        }
    }

    private static void serve(SocketChannel channel) {
        try (channel) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            ByteBuffer bytes = ByteBuffer.allocateDirect(CHUNK);
            String head = "";
            while (!head.endsWith("\r\n\r\n")) {
                if (channel.read(bytes) < 0) {
                    return;
                }
                head = StandardCharsets.ISO_8859_1
                        .decode(bytes.duplicate().flip())
                        .toString();
            }
            Matcher asked = ASKED.matcher(head);
            if (!asked.lookingAt()) {
                throw new IOException("asked for what is not here: " + head);
            }
            channel.write(ByteBuffer.wrap(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII)));
            long count = asked.group(2) == null ? 0 : Long.parseLong(asked.group(2));
            switch (asked.group(1)) {
                case "echo" -> echo(channel, bytes);
                case "blast" -> blast(channel, bytes, count);
                default -> sink(channel, bytes, count);
            }
        } catch (IOException e) {
            System.err.println("echo: " + e);
        }
    }

    private static void echo(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (channel.read(bytes.clear()) >= 0) {
            bytes.flip();
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private static void blast(SocketChannel channel, ByteBuffer bytes, long count) throws IOException {
        for (long left = count; left > 0; ) {
            bytes.clear().limit((int) Math.min(CHUNK, left));
            left -= channel.write(bytes);
        }
        channel.read(bytes.clear()); // the reader ends it
    }

    private static void sink(SocketChannel channel, ByteBuffer bytes, long count) throws IOException {
        for (long left = count; left > 0; ) {
            int read = channel.read(bytes.clear());
            if (read < 0) {
                throw new IOException("the end, with %d bytes to come".formatted(left));
            }
            left -= read;
        }
        channel.write(ByteBuffer.wrap(new byte[] {'.'}));
    }
}
