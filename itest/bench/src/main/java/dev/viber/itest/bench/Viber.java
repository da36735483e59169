package dev.viber.itest.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A viber as cheap as one can be: frames laid into one buffer and written together, on a bare socket, masked with zeros.
 * One event of each of its tasks in turn.
 */
final class Viber {
    private static final int BUFFER = 64 * 1024;
    private static final int MOST_FRAME = 1024;

    /** One task's frames: the parts that never change, and how far it is. */
    private static final class Work {
        final byte[] head;
        final String taskId;
        int sent;
        long acked;

        Work(String taskId) {
            this.taskId = taskId;
            head = ascii(",\"taskId\":\"" + taskId + "\",\"attempt\":1,\"vseq\":");
        }
    }

    private static final byte[] STARTED = ascii("{\"type\":\"task:started\"");
    private static final byte[] PROGRESS = ascii("{\"type\":\"task:progress\"");
    private static final byte[] COMPLETED = ascii("{\"type\":\"task:completed\"");

    private final SocketChannel channel;
    private final Ages ages;
    private final int events;
    private final byte[][] texts;
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
    private final byte[] frame = new byte[MOST_FRAME];
    private final Map<String, Work> byTask = new HashMap<>();
    private final List<Work> works = new ArrayList<>();
    private ByteBuffer in = ByteBuffer.allocate(64 * 1024);
    private int turn;
    private int finished;
    private boolean stuck;
    private boolean welcome;

    private Viber(Wire wire, Ages ages, int events, List<String> texts) {
        channel = wire.channel();
        in.put(wire.rest());
        this.ages = ages;
        this.events = events;
        this.texts = texts.stream()
                .map(text -> ascii(",\"event\":{\"kind\":\"text\",\"text\":\"" + text + "\",\"t\":"))
                .toArray(byte[][]::new);
    }

    static Viber connect(URI api, String id, String token, Ages ages, int events, List<String> texts)
            throws IOException {
        Viber viber = new Viber(Wire.webSocket(api, id, token), ages, events, texts);
        viber.text("{\"type\":\"connected\",\"viber\":{\"id\":\"" + id + "\",\"name\":\"" + id + "\",\"version\":\"0\","
                + "\"platform\":\"linux\",\"capabilities\":[],\"tools\":[],\"capacity\":1000,\"runningTasks\":[],"
                + "\"features\":[\"ack\",\"welcome\",\"approval\"],\"tasks\":[]}}");
        viber.flush();
        return viber;
    }

    SocketChannel channel() {
        return channel;
    }

    int tasks() {
        return works.size();
    }

    boolean isWelcome() {
        return welcome;
    }

    /** Whether bytes wait for room in the socket. */
    boolean isStuck() {
        return stuck;
    }

    boolean hasSentAll() {
        return finished == works.size() && !stuck;
    }

    boolean isAcknowledged() {
        return works.stream().allMatch(work -> work.acked == events + 2);
    }

    /** Fills the buffer and writes it; what does not fit waits for the socket. */
    void send(int mostFrames) throws IOException {
        if (!stuck) {
            ages.look();
            for (int i = 0; i < mostFrames && finished < works.size() && out.remaining() > MOST_FRAME; i++) {
                Work work = next();
                frame(work);
            }
        }
        flush();
    }

    private Work next() {
        while (true) {
            Work work = works.get(turn++ % works.size());
            if (work.sent < events + 2) {
                return work;
            }
        }
    }

    private void frame(Work work) {
        int vseq = ++work.sent;
        if (vseq == 1) {
            put(STARTED, work, vseq, ascii(",\"spaceId\":\"" + work.taskId + "\"}"), -1);
        } else if (vseq == events + 2) {
            put(COMPLETED, work, vseq, ascii(",\"result\":{\"summary\":\"done\"}}"), -1);
            finished++;
        } else {
            put(PROGRESS, work, vseq, texts[vseq % texts.length], ages.now());
        }
    }

    private void put(byte[] type, Work work, int vseq, byte[] tail, long t) {
        int at = append(type, 0);
        at = append(work.head, at);
        at = digits(vseq, at);
        at = append(tail, at);
        if (t >= 0) {
            at = digits(t, at);
            frame[at++] = '}';
            frame[at++] = '}';
        }
        header(at);
        out.put(frame, 0, at);
    }

    private void header(int length) {
        out.put((byte) 0x81);
        if (length < 126) {
            out.put((byte) (0x80 | length));
        } else {
            out.put((byte) (0x80 | 126)).putShort((short) length);
        }
        out.putInt(0); // the mask
    }

    private int append(byte[] bytes, int at) {
        System.arraycopy(bytes, 0, frame, at, bytes.length);
        return at + bytes.length;
    }

    private int digits(long number, int at) {
        int count = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            count++;
        }
        long rest = number;
        for (int i = at + count - 1; i >= at; i--) {
            frame[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return at + count;
    }

    private void text(String text) {
        byte[] bytes = ascii(text);
        header(bytes.length);
        out.put(bytes);
    }

    private void flush() throws IOException {
        out.flip();
        if (out.hasRemaining()) {
            channel.write(out);
        }
        stuck = out.hasRemaining();
        out.compact();
    }

    /** Reads and answers what the server says. */
    void read() throws IOException {
        if (channel.read(in) < 0) {
            throw new IOException("the server closed a viber's socket");
        }
        taken();
    }

    void taken() throws IOException {
        in.flip();
        while (in.remaining() >= 2) {
            int length = in.get(in.position() + 1) & 0x7F;
            int head = length == 126 ? 4 : length == 127 ? 10 : 2;
            if (in.remaining() < head) {
                break;
            }
            if (length == 126) {
                length = Short.toUnsignedInt(in.getShort(in.position() + 2));
            } else if (length == 127) {
                length = (int) in.getLong(in.position() + 2);
            }
            if (in.remaining() < head + length) {
                grow(head + length);
                break;
            }
            int opcode = in.get(in.position()) & 0x0F;
            byte[] body = new byte[length];
            in.position(in.position() + head).get(body);
            frame(opcode, body);
        }
        in.compact();
    }

    private void grow(int wanted) {
        if (wanted > in.capacity()) {
            in = ByteBuffer.allocate(2 * wanted).put(in).flip();
        }
    }

    private void frame(int opcode, byte[] body) throws IOException {
        if (opcode == 9) {
            out.put((byte) 0x8A).put((byte) (0x80 | body.length)).putInt(0).put(body);
            flush();
        } else if (opcode == 8) {
            throw new IOException("the server closed: " + new String(body, StandardCharsets.UTF_8));
        } else if (opcode == 1) {
            said(Server.JSON.readTree(body));
        }
    }

    private void said(JsonNode json) throws IOException {
        switch (json.path("type").asString()) {
            case "welcome" -> welcome = true;
            case "task:submit" -> {
                Work work = new Work(json.path("taskId").asString());
                works.add(work);
                byTask.put(work.taskId, work);
                if (json.path("cmd").asLong(0) > 0) {
                    text("{\"type\":\"ack\",\"cmd\":" + json.path("cmd").asLong() + "}");
                    flush();
                }
            }
            case "ack" -> {
                Work work = byTask.get(json.path("taskId").asString());
                if (work != null) {
                    work.acked = Math.max(work.acked, json.path("vseq").asLong());
                }
            }
            default -> {}
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "Viber[" + works.size() + " tasks, "
                + Arrays.toString(works.stream().mapToLong(w -> w.acked).toArray()) + "]";
    }
}
