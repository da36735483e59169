package dev.viber.itest.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A bare socket behind its HTTP request: the answer's head is read, the rest is the caller's. */
record Wire(SocketChannel channel, ByteBuffer rest) {
    /** Connects, asks, and reads the head of the answer, which has to have this status. */
    static Wire open(URI api, String path, int wanted, Map<String, String> headers) throws IOException {
        SocketChannel channel = SocketChannel.open(new InetSocketAddress(api.getHost(), api.getPort()));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + api.getAuthority() + "\r\n");
        headers.forEach(
                (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
        channel.write(ByteBuffer.wrap(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII)));
        ByteBuffer in = ByteBuffer.allocate(16 * 1024);
        int end = -1;
        while (end < 0) {
            if (channel.read(in) < 0) {
                throw new IOException("closed before the answer to " + path);
            }
            end = new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
        }
        String status = new String(in.array(), 9, 3, StandardCharsets.US_ASCII);
        if (!status.equals(Integer.toString(wanted))) {
            throw new IOException("%s answered %s, wanted %d".formatted(path, status, wanted));
        }
        in.flip().position(end + 4);
        return new Wire(channel, in);
    }

    /** The handshake of RFC 6455; the relay goes by the id, the gateway by the token. */
    static Wire webSocket(URI api, String viberId, String token) throws IOException {
        return open(
                api,
                "/vibers/ws",
                101,
                Map.of(
                        "Upgrade", "websocket",
                        "Connection", "Upgrade",
                        "Sec-WebSocket-Version", "13",
                        "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==",
                        "Authorization", "Bearer " + token,
                        "X-Viber-Id", viberId));
    }
}
