package dev.viber.guest.chrome;

import dev.viber.api.guest.AgentLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The agent's end of the socket of {@code viper-init}; safe for use by several threads. */
final class InitChannel implements AutoCloseable {
    private final SocketChannel socket;
    private final AgentLog log;

    private InitChannel(SocketChannel socket, AgentLog log) {
        this.socket = socket;
        this.log = log;
    }

    /** Connects, or gives null on a machine without {@code viper-init}. */
    static @Nullable InitChannel open(@Nullable String path, AgentLog log, Consumer<Line> heard) throws IOException {
        if (path == null || path.isEmpty()) {
            return null;
        }
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            socket.connect(UnixDomainSocketAddress.of(path));
        } catch (IOException e) {
            socket.close();
            throw new IOException("VIPER_CONTROL_SOCKET " + path + " cannot be connected to: " + e.getMessage(), e);
        }
        InitChannel channel = new InitChannel(socket, log);
        Thread.ofVirtual().name("init-channel").start(() -> channel.listen(heard));
        return channel;
    }

    /** Says something; where nobody listens any more it is only logged. */
    void say(String word, Map<String, String> values) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(new Line(word, values).bytes());
            synchronized (this) {
                while (bytes.hasRemaining()) {
                    socket.write(bytes);
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            log.write("agent", "viper-init was not told '" + word + "': " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void listen(Consumer<Line> heard) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(socket), StandardCharsets.US_ASCII))) {
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                if (!text.isEmpty()) {
                    take(text, heard);
                }
            }
        } catch (IOException e) {
            if (socket.isOpen()) {
                log.write("agent", "the channel of viper-init broke: " + e.getMessage());
            }
        }
    }

    private void take(String text, Consumer<Line> heard) {
        try {
            heard.accept(Line.parse(text));
        } catch (IllegalArgumentException e) {
            log.write("agent", "viper-init said what cannot be read: " + e.getMessage());
        } catch (RuntimeException e) {
            // The next message is heard whatever became of this one.
            log.write("agent", "what viper-init said was not done: " + e);
        }
    }
}
