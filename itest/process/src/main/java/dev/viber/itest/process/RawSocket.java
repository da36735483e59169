package dev.viber.itest.process;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A WebSocket held by hand (RFC 6455), so that it can be held wrongly. */
final class RawSocket implements AutoCloseable {
    static final int TEXT = 1;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;
    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int SILENCE_MILLIS = 60_000;

    /** A frame that came; of a close frame, the payload begins with its code. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(int opcode, byte[] payload) {
        String text() {
            return new String(payload, StandardCharsets.UTF_8);
        }

        /** The code of a close frame; 1005 where it has none. */
        int closeCode() {
            return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        }
    }

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    /** Connects, and says nothing yet. */
    RawSocket(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(SILENCE_MILLIS);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
        out = socket.getOutputStream();
    }

    /** Asks for the upgrade; the status of the answer, whose head is read. */
    int upgrade(String token) throws IOException {
        send("""
                GET /vibers/ws HTTP/1.1\r
                Host: 127.0.0.1:%d\r
                Connection: Upgrade\r
                Upgrade: websocket\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Authorization: Bearer %s\r
                \r
                """.formatted(socket.getPort(), token).getBytes(StandardCharsets.ISO_8859_1));
        return status();
    }

    /** The status of an HTTP answer; its head is read. */
    int status() throws IOException {
        String head = line();
        if (!head.toUpperCase(Locale.ROOT).startsWith("HTTP/1.1 ")) {
            throw new IOException("no answer in HTTP: " + head);
        }
        for (String line = line(); !line.isEmpty(); line = line()) {
            // headers are of no interest
        }
        return Integer.parseInt(head.substring(9, 12));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.readUnsignedByte(); c != '\n'; c = in.readUnsignedByte()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /** Sends these bytes as they are. */
    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Sends one whole frame. */
    void send(int opcode, byte[] payload) throws IOException {
        send(frame(FINAL | opcode, payload, true));
    }

    /** A frame as bytes; its first byte is given as it is, a mask of zeros leaves the payload readable. */
    static byte[] frame(int first, byte[] payload, boolean masked) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(payload.length + 14);
        int mask = masked ? MASKED : 0;
        bytes.write(first);
        if (payload.length < 126) {
            bytes.write(mask | payload.length);
        } else if (payload.length <= 0xffff) {
            bytes.write(mask | 126);
            bytes.write(payload.length >> 8);
            bytes.write(payload.length);
        } else {
            bytes.write(mask | 127);
            bytes.writeBytes(
                    ByteBuffer.allocate(Long.BYTES).putLong(payload.length).array());
        }
        if (masked) {
            bytes.writeBytes(new byte[4]);
        }
        bytes.writeBytes(payload);
        return bytes.toByteArray();
    }

    /** The next frame; throws {@link java.io.EOFException} where the other side is gone. */
    Frame read() throws IOException {
        int first = in.readUnsignedByte();
        int second = in.readUnsignedByte();
        long length = second & 0x7f;
        if (length == 126) {
            length = in.readUnsignedShort();
        } else if (length == 127) {
            length = in.readLong();
        }
        byte[] payload = new byte[Math.toIntExact(length)];
        in.readFully(payload);
        return new Frame(first & 0x0f, payload);
    }

    /** Reads on to the close frame; its code, or 1006 where the connection ended without one. */
    int awaitClose() {
        try {
            for (Frame frame = read(); ; frame = read()) {
                if (frame.opcode() == CLOSE) {
                    return frame.closeCode();
                }
            }
        } catch (IOException e) {
            return 1006;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
