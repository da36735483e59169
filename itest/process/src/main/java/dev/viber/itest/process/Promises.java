package dev.viber.itest.process;

import dev.viber.itest.process.Trace.Call;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** What a gateway's sockets promised: a 201 for a task, an {@code ack} for a viber's frames. */
final class Promises {
    private static final Pattern TAKEN = Pattern.compile(
            "HTTP/1.1 201 .{0,400}?/api/v1/tasks/([0-9a-f-]{36})", Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

    /**
     * A promise.
     *
     * @param line of the trace on which the write of it was entered
     * @param vseq the viber's frames up to here are durable; 0 for the task itself
     */
    record Promise(int line, String taskId, long vseq) {}

    private static final class Socket {
        private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
        private boolean frames;
    }

    private final List<Promise> found = new ArrayList<>();
    private final Map<String, Socket> sockets = new HashMap<>();

    private Promises() {}

    /** All promises in these writes to sockets, in order. */
    static List<Promise> in(List<Call> writes) {
        Promises promises = new Promises();
        writes.forEach(promises::add);
        return promises.found;
    }

    private void add(Call write) {
        String text = new String(write.data(), StandardCharsets.ISO_8859_1);
        Socket socket = sockets.computeIfAbsent(write.target(), key -> new Socket());
        if (socket.frames) {
            socket.pending.writeBytes(write.data());
            frames(socket, write.begin());
            return;
        }
        Matcher taken = TAKEN.matcher(text);
        if (taken.find()) {
            found.add(new Promise(write.begin(), taken.group(1), 0));
        } else if (text.startsWith("HTTP/1.1 101 ")) {
            socket.frames = true;
            int body = text.indexOf("\r\n\r\n") + 4;
            socket.pending.write(write.data(), body, write.data().length - body);
            frames(socket, write.begin());
        }
    }

    // A server's frames are not masked; this gateway's viber offers no compression.
    private void frames(Socket socket, int line) {
        byte[] bytes = socket.pending.toByteArray();
        int at = 0;
        while (bytes.length - at >= 2) {
            int size = bytes[at + 1] & 0x7f;
            int head = size == 126 ? 4 : size == 127 ? 10 : 2;
            if (bytes.length - at < head) {
                break;
            }
            for (int i = 2, count = 0; i < head; i++) {
                count = (count << 8) | (bytes[at + i] & 0xff);
                size = count;
            }
            if (bytes.length - at < head + size) {
                break;
            }
            if ((bytes[at] & 0x0f) == 1) {
                frame(new String(bytes, at + head, size, StandardCharsets.UTF_8), line);
            }
            at += head + size;
        }
        socket.pending.reset();
        socket.pending.write(bytes, at, bytes.length - at);
    }

    private void frame(String text, int line) {
        JsonNode frame = Rest.JSON.readTree(text);
        if (frame.path("type").asString("").equals("ack")) {
            found.add(new Promise(
                    line, frame.path("taskId").asString(), frame.path("vseq").asLong()));
        }
    }
}
