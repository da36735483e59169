package dev.viber.itest.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/** Many vibers that have nothing to do: each a socket that said {@code connected} and was welcomed. */
final class Herd implements AutoCloseable {
    /** How long each took from the start of all to its welcome, in seconds, in order. */
    record Storm(List<Double> seconds) {
        double all() {
            return seconds.getLast();
        }

        double at(double share) {
            return seconds.get((int) Math.min(seconds.size() - 1L, Math.round(share * seconds.size())));
        }
    }

    /** What came while they did nothing: pings answered, and tasks. */
    record Quiet(int pings, List<String> tasks) {}

    /** What the gateway sent: an opcode of RFC 6455 and the text. */
    record Frame(int opcode, String text) {
        static final Frame NOT_WHOLE = new Frame(-1, "");

        boolean isWhole() {
            return opcode >= 0;
        }

        JsonNode json() {
            return opcode == 1 ? Server.JSON.readTree(text) : Server.JSON.missingNode();
        }

        String type() {
            return json().path("type").asString();
        }
    }

    private final List<String> tokens = new ArrayList<>();
    private final String name;
    private Keeper keeper = new Keeper();

    /** Registers so many vibers, each with a token of its own, at a gateway. */
    Herd(Server gateway, String name, int count) throws IOException, InterruptedException {
        this.name = name;
        for (int i = 0; i < count; i++) {
            tokens.add(gateway.viberToken(name + i));
        }
    }

    /** Connects the first so many at the same moment, as after a restart of the gateway, and returns when the last is welcome. */
    Storm storm(URI api, int count) throws IOException, InterruptedException {
        CountDownLatch gate = new CountDownLatch(1);
        List<Future<Double>> welcomes = new ArrayList<>();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            long[] begin = new long[1];
            for (int i = 0; i < count; i++) {
                String id = name + i;
                String token = tokens.get(i);
                welcomes.add(each.submit(() -> {
                    gate.await();
                    keeper.take(connect(api, id, token));
                    return (System.nanoTime() - begin[0]) / 1e9;
                }));
            }
            begin[0] = System.nanoTime();
            gate.countDown();
        }
        List<Double> seconds = new ArrayList<>();
        for (Future<Double> welcome : welcomes) {
            try {
                seconds.add(welcome.get());
            } catch (ExecutionException e) {
                throw new IOException("after %d of %d vibers: %s".formatted(seconds.size(), count, e.getCause()), e);
            }
        }
        Collections.sort(seconds);
        return new Storm(seconds);
    }

    private static Wire connect(URI api, String id, String token) throws IOException {
        Wire wire = Wire.webSocket(api, id, token);
        write(
                wire.channel(),
                "{\"type\":\"connected\",\"viber\":{\"id\":\"" + id + "\",\"name\":\"" + id + "\",\"version\":\"0\","
                        + "\"platform\":\"linux\",\"capabilities\":[],\"tools\":[],\"capacity\":1,\"runningTasks\":[],"
                        + "\"features\":[\"ack\",\"welcome\"],\"tasks\":[]}}");
        ByteBuffer in = wire.rest();
        while (!take(in).type().equals("welcome")) {
            in.compact();
            if (wire.channel().read(in) < 0) {
                throw new IOException(id + " was closed before its welcome");
            }
            in.flip();
        }
        return wire;
    }

    /** The first frame in the buffer, which is taken out; one that is not whole yet stays. */
    static Frame take(ByteBuffer in) {
        int at = in.position();
        int length = in.remaining() < 2 ? 0 : in.get(at + 1) & 0x7F;
        int head = length == 126 ? 4 : 2;
        if (in.remaining() < head) {
            return Frame.NOT_WHOLE;
        }
        length = length == 126 ? Short.toUnsignedInt(in.getShort(at + 2)) : length;
        if (in.remaining() < head + length) {
            return Frame.NOT_WHOLE;
        }
        byte[] body = new byte[length];
        in.position(at + head).get(body);
        return new Frame(in.get(at) & 0x0F, new String(body, StandardCharsets.UTF_8));
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        channel.write(ByteBuffer.allocate(body.length + 8)
                .put((byte) 0x81)
                .put((byte) (0x80 | 126))
                .putShort((short) body.length)
                .putInt(0)
                .put(body)
                .flip());
    }

    /** Lets so much time go by, in which none may be closed, and then until so many tasks have come; tells of both. */
    Quiet hold(Duration time, int tasks) throws IOException, InterruptedException {
        Thread.sleep(time);
        return keeper.await(tasks);
    }

    /** All of them go at once, without a word, as a cut line would have it. */
    @Override
    public void close() throws IOException {
        keeper.close();
        keeper = new Keeper();
    }
}
