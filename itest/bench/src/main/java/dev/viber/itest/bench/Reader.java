package dev.viber.itest.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Map;

/** One reader of server-sent events on a bare socket: checks that seq goes 1, 2, 3... and takes each event's age. */
final class Reader {
    private static final int T_DIGITS = 10;

    private final SocketChannel channel;
    private final Ages ages;
    private final ByteBuffer first;
    private byte[] carry = new byte[4096];
    private int carried;
    private int chunkLeft;
    private int sizeSoFar;
    private boolean inSize = true;
    private long seq;
    private boolean ended;

    private Reader(Wire wire, Ages ages) {
        channel = wire.channel();
        first = wire.rest();
        this.ages = ages;
    }

    static Reader open(URI api, String taskId, String token, Ages ages) throws IOException {
        Wire wire = Wire.open(
                api,
                "/api/v1/tasks/" + taskId + "/events",
                200,
                Map.of("Accept", "text/event-stream", "Authorization", "Bearer " + token));
        return new Reader(wire, ages);
    }

    SocketChannel channel() {
        return channel;
    }

    boolean hasEnded() {
        return ended;
    }

    /** What came together with the head of the answer. */
    void begin() throws IOException {
        byte[] in = new byte[first.remaining()];
        first.get(in);
        chunks(in, 0, in.length);
    }

    /** Reads what is there. */
    void read(ByteBuffer direct, byte[] heap) throws IOException {
        direct.clear();
        int count = channel.read(direct);
        if (count < 0) {
            throw new IOException("the stream ended at seq " + seq);
        }
        direct.flip().get(heap, 0, count);
        chunks(heap, 0, count);
    }

    // RFC 9112, 7.1: size in hexadecimal, CR LF, that many bytes, CR LF.
    private void chunks(byte[] in, int from, int to) throws IOException {
        int at = from;
        while (at < to) {
            if (inSize) {
                byte c = in[at++];
                if (c == '\n') {
                    inSize = sizeSoFar == 0;
                    chunkLeft = sizeSoFar;
                    sizeSoFar = 0;
                } else if (c != '\r') {
                    sizeSoFar = sizeSoFar * 16 + Character.digit(c, 16);
                }
                continue;
            }
            int count = Math.min(chunkLeft, to - at);
            payload(in, at, at + count);
            at += count;
            chunkLeft -= count;
            inSize = chunkLeft == 0;
        }
    }

    private void payload(byte[] in, int from, int to) throws IOException {
        if (carried == 0) {
            keep(in, events(in, from, to), to);
            return;
        }
        keep(in, from, to);
        int done = events(carry, 0, carried);
        System.arraycopy(carry, done, carry, 0, carried - done);
        carried -= done;
    }

    private void keep(byte[] in, int from, int to) {
        if (carried + to - from > carry.length) {
            carry = Arrays.copyOf(carry, 2 * (carried + to - from));
        }
        System.arraycopy(in, from, carry, carried, to - from);
        carried += to - from;
    }

    /** Takes whole events; where the first one that is not whole begins. */
    private int events(byte[] in, int from, int to) throws IOException {
        int begin = from;
        for (int at = from + 1; at < to; at++) {
            if (in[at] == '\n' && in[at - 1] == '\n') {
                event(in, begin, at - 1);
                begin = ++at;
            }
        }
        return begin;
    }

    private void event(byte[] in, int from, int end) throws IOException {
        if (in[from] == ':') {
            return;
        }
        int at = from + "id: ".length();
        long id = 0;
        for (; in[at] != '\n'; at++) {
            id = id * 10 + in[at] - '0';
        }
        if (id != ++seq) {
            throw new IOException("seq %d came where %d was due".formatted(id, seq));
        }
        byte kind = in[at + "\nevent: ".length()];
        if (kind == 'p') {
            int digits = end - "}}".length() - T_DIGITS;
            long t = 0;
            for (int i = digits; i < digits + T_DIGITS; i++) {
                t = t * 10 + in[i] - '0';
            }
            ages.came(t);
        } else if (kind == 'c') {
            ended = true;
        }
    }
}
