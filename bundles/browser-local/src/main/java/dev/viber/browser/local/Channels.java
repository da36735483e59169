package dev.viber.browser.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Two connections made one: what comes on either goes out on the other, until both have ended. */
final class Channels {
    private static final int BUFFER = 64 * 1024;

    private Channels() {}

    /** Copies both ways and closes both; returns when nothing comes any more. */
    static void join(SocketChannel one, SocketChannel other) {
        try (one;
                other) {
            Thread back = Thread.ofVirtual().name("browser-relay-back").start(() -> copy(other, one));
            copy(one, other);
            back.join();
        } catch (IOException e) {
            // Either side may go at any time; the other one sees its connection end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Copies until the end of one, and tells the other of it. */
    static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
        try {
            while (from.read(buffer) >= 0) {
                write(to, buffer.flip());
                buffer.clear();
            }
            // What is under way in the other direction may still come.
            to.shutdownOutput();
        } catch (IOException e) {
            close(from);
            close(to);
        }
    }

    static void write(SocketChannel to, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            to.write(bytes);
        }
    }

    static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
