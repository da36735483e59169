package dev.viber.itest.guest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The socket at which {@code viper-init} listens in a guest, and what the agent says there. */
final class Init implements AutoCloseable {
    private final ServerSocketChannel server;
    private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
    private volatile SocketChannel agent;

    Init(Path socket) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> {
            try {
                agent = server.accept();
                new BufferedReader(new InputStreamReader(Channels.newInputStream(agent), StandardCharsets.US_ASCII))
                        .lines()
                        .forEach(said::add);
            } catch (IOException e) {
                said.add("broken " + e);
            }
        });
    }

    /** What it says next that begins with this. */
    String next(String beginning) throws InterruptedException {
        while (true) {
            String line = said.poll(60, TimeUnit.SECONDS);
            if (line == null || line.startsWith(beginning)) {
                return line;
            }
        }
    }

    void say(String line) throws IOException {
        agent.write(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void close() throws IOException {
        server.close();
        if (agent != null) {
            agent.close();
        }
    }
}
