package dev.viber.itest.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Reads many idle sockets on one thread: answers pings and notes the tasks that come. */
final class Keeper implements AutoCloseable {
    private static final byte[] PONG = {(byte) 0x8A, (byte) 0x80, 0, 0, 0, 0};

    private final Selector selector;
    private final Queue<Wire> newcomers = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pings = new AtomicInteger();
    private final BlockingQueue<String> tasks = new LinkedBlockingQueue<>();
    private final ByteBuffer in = ByteBuffer.allocate(64 * 1024);
    private final Thread thread = Thread.ofPlatform().daemon().name("keeper").unstarted(this::keep);
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private volatile boolean closing;

    Keeper() throws IOException {
        selector = Selector.open();
        thread.start();
    }

    /** Looks after this socket from now on. */
    void take(Wire wire) {
        newcomers.add(wire);
        selector.wakeup();
    }

    /** The tasks that came, so many of them, and how often the sockets were asked whether they live. */
    Herd.Quiet await(int wanted) throws IOException, InterruptedException {
        List<String> came = new ArrayList<>();
        while (came.size() < wanted) {
            came.add(tasks.take());
        }
        Exception seen = failure.get();
        if (seen != null) {
            throw new IOException("an idle viber was closed", seen);
        }
        return new Herd.Quiet(pings.get(), came);
    }

    private void keep() {
        try {
            while (!closing) {
                selector.select(this::read);
                for (Wire wire = newcomers.poll(); wire != null; wire = newcomers.poll()) {
                    SelectionKey key = wire.channel().configureBlocking(false).register(selector, SelectionKey.OP_READ);
                    frames(key, wire.rest());
                }
            }
        } catch (IOException | RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void read(SelectionKey key) {
        try {
            in.clear();
            if (key.attachment() instanceof byte[] rest) {
                in.put(rest);
            }
            if (((SocketChannel) key.channel()).read(in) < 0) {
                throw new IOException("the end of the stream");
            }
            frames(key, in.flip());
        } catch (IOException e) {
            failure.compareAndSet(null, e);
            key.cancel();
        }
    }

    /** Takes what is whole; the beginning of a frame is kept with the key, since so many buffers would be too many. */
    private void frames(SelectionKey key, ByteBuffer from) throws IOException {
        for (Herd.Frame frame = Herd.take(from); frame.isWhole(); frame = Herd.take(from)) {
            switch (frame.opcode()) {
                case 8 -> throw new IOException("closed by the gateway: " + frame.text());
                case 9 -> {
                    ((SocketChannel) key.channel()).write(ByteBuffer.wrap(PONG));
                    pings.incrementAndGet();
                }
                default -> {
                    if (frame.type().equals("task:submit")) {
                        tasks.add(frame.json().path("taskId").asString());
                    }
                }
            }
        }
        byte[] rest = new byte[from.remaining()];
        from.get(rest);
        key.attach(rest.length == 0 ? null : rest);
    }

    /** Cuts them all off. */
    @Override
    public void close() throws IOException {
        closing = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
