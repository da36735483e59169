package dev.viber.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** A WebSocket client that offers permessage-deflate, which the JDK's does not; one short message at a time. */
final class DeflatingSocket implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final String answer;

    DeflatingSocket(int port, String path, String token) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        String request = """
                GET %s HTTP/1.1
                Host: 127.0.0.1:%d
                Upgrade: websocket
                Connection: Upgrade
                Sec-WebSocket-Version: 13
                Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==
                Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits
                Authorization: Bearer %s

                """.formatted(path, port, token).replace("\n", "\r\n");
        out.write(request.getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        answer = head.toString();
    }

    String answer() {
        return answer;
    }

    String ask(String text) throws IOException, DataFormatException {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(text.getBytes(StandardCharsets.UTF_8));
        byte[] buffer = new byte[64 * 1024];
        int length = deflater.deflate(buffer, 0, buffer.length, Deflater.SYNC_FLUSH) - 4;
        deflater.end();
        if (length > 125) {
            throw new IllegalArgumentException("too long for this client: " + length);
        }
        // Two fragments (RSV1 and text, then FIN) with a ping between them, all of which an intermediary may do.
        int half = length / 2;
        frame(0x41, buffer, 0, half);
        frame(0x89, buffer, 0, 0);
        frame(0x80, buffer, half, length - half);
        return read();
    }

    private void frame(int head, byte[] payload, int from, int length) throws IOException {
        // Masked with zeros, which leaves the payload as it is.
        out.write(new byte[] {(byte) head, (byte) (0x80 | length), 0, 0, 0, 0});
        out.write(payload, from, length);
        out.flush();
    }

    private String read() throws IOException, DataFormatException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        boolean last = false;
        while (!last) {
            int head = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            byte[] payload = in.readNBytes(length == 126 ? in.readUnsignedShort() : length);
            boolean control = (head & 0x08) != 0;
            last = !control && (head & 0x80) != 0;
            compressed.writeBytes(control ? new byte[0] : payload);
        }
        compressed.writeBytes(new byte[] {0, 0, (byte) 0xFF, (byte) 0xFF});
        Inflater inflater = new Inflater(true);
        inflater.setInput(compressed.toByteArray());
        byte[] text = new byte[64 * 1024];
        int length = inflater.inflate(text);
        inflater.end();
        return new String(Arrays.copyOf(text, length), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
