package dev.viber.supervisor;

import dev.viber.api.vm.ControlLine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The host's end of one guest's control channel; reads on a virtual thread of its own until it is closed. */
final class GuestControl implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GuestControl.class);

    private static final int LINE = 16 * 1024;
    /** Lines a second: one that does what it should says a few in all. */
    private static final int MOST = 50;

    private final String name;
    private final SocketChannel channel;
    private final Rate rate = new Rate(MOST, System::nanoTime);
    private boolean warned;

    GuestControl(String name, SocketChannel channel, Consumer<ControlLine> lines) throws IOException {
        this.name = name;
        this.channel = channel;
        Thread.ofVirtual().name("vm-control-" + name).start(() -> read(lines));
        // Whatever a host before left half said is ended; a guest that has booted answers, another says so by itself.
        channel.write(ByteBuffer.wrap(new byte[] {'\n'}));
        say("hello", Map.of());
    }

    void say(String word, Map<String, String> values) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.wrap((ControlLine.of(word, values).text() + "\n").getBytes(StandardCharsets.US_ASCII));
        synchronized (channel) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    private void read(Consumer<ControlLine> lines) {
        ByteBuffer chunk = ByteBuffer.allocate(4096);
        StringBuilder line = new StringBuilder();
        boolean tooLong = false;
        try {
            while (channel.read(chunk.clear()) >= 0) {
                for (chunk.flip(); chunk.hasRemaining(); ) {
                    char one = (char) (chunk.get() & 0xFF);
                    if (one == '\n') {
                        if (!tooLong) {
                            take(line.toString(), lines);
                        }
                        line.setLength(0);
                        tooLong = false;
                    } else if (line.length() < LINE) {
                        line.append(one);
                    } else {
                        tooLong = true; // a guest is not trusted: what it says must not fill the server
                    }
                }
            }
        } catch (IOException e) {
            LOG.debug("the control channel of {} is over", name, e);
        }
    }

    private void take(String line, Consumer<ControlLine> lines) {
        if (!rate.take()) {
            if (!warned) {
                LOG.warn("guest {} says more than {} lines a second: what is above that is passed over", name, MOST);
            }
            warned = true;
            return;
        }
        try {
            lines.accept(ControlLine.parse(line));
        } catch (IllegalArgumentException e) {
            LOG.warn("guest {} said what cannot be read: {}", name, e.getMessage());
        } catch (RuntimeException e) {
            LOG.warn("what guest {} said could not be taken", name, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("closing the control channel of {}", name, e);
        }
    }
}
