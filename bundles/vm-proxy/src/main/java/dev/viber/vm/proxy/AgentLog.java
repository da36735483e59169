package dev.viber.vm.proxy;

import dev.viber.vm.proxy.Stays.Stay;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The log of a guest's agent, read line by line from what the agent serves at {@code /v1/logs/stream}. */
final class AgentLog {
    /** An agent says something each 15 s; one that does not is gone, for no machine that is killed closes its sockets. */
    private static final long SILENCE_S = 40;

    private AgentLog() {}

    /**
     * A line.
     *
     * @param id its number in the agent's log; empty where it has none
     * @param stream {@code agent}, {@code browser} or {@code console}
     * @param timestamp ISO 8601
     */
    record Entry(String id, String stream, String line, String timestamp) {
        /** The line for people. */
        String text() {
            return "%s [%s] %s".formatted(timestamp, stream, line);
        }
    }

    /** Takes in what is read. */
    interface Sink {
        /** A line came. */
        void entry(Entry entry) throws IOException;

        /** Nothing came for a while, and the agent is there. */
        void silent() throws IOException;
    }

    /**
     * Reads until the agent ends it.
     *
     * @param after the number behind which to begin; null for the oldest line that is kept
     * @param follow whether to go on behind what is there
     * @throws IOException where the agent does not answer, falls silent, or the sink takes no more
     */
    static void read(Guest guest, Stay stay, @Nullable String after, boolean follow, Sink sink)
            throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = guest.get(
                stay,
                "/v1/logs/stream" + (follow ? "" : "?follow=false"),
                after == null ? Map.of() : Map.of("Last-Event-ID", after));
        try (InputStream in = answer.body()) {
            if (answer.statusCode() != 200) {
                throw new IOException("it says %d to its log".formatted(answer.statusCode()));
            }
            SynchronousQueue<Line> lines = new SynchronousQueue<>();
            Thread reading = Thread.ofVirtual().name("vm-agent-log").start(() -> lines(in, lines));
            try {
                take(lines, sink);
            } finally {
                reading.interrupt();
            }
        }
    }

    /** What was read: a line, or neither where the log ended, or why no more is read. */
    private record Line(@Nullable String text, @Nullable IOException why) {}

    private static void lines(InputStream in, SynchronousQueue<Line> lines) {
        try {
            BufferedInputStream buffered = new BufferedInputStream(in);
            try {
                for (Line line = line(buffered); line.text() != null || line.why() != null; line = line(buffered)) {
                    lines.put(line);
                }
            } catch (IOException e) {
                // It ended otherwise than it should, or is not wanted any more: in any case it ended.
            }
            lines.put(new Line(null, null));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Line line(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return new Line(null, null);
            }
            if (bytes.size() == Guest.LONGEST) {
                return new Line(
                        null, new IOException("a line of its log is longer than %d bytes".formatted(Guest.LONGEST)));
            }
            bytes.write(next);
        }
        String line = bytes.toString(StandardCharsets.UTF_8);
        return new Line(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line, null);
    }

    private static void take(SynchronousQueue<Line> lines, Sink sink) throws IOException, InterruptedException {
        String id = "";
        String event = "";
        while (true) {
            Line next = lines.poll(SILENCE_S, TimeUnit.SECONDS);
            if (next == null) {
                throw new IOException("it has said nothing for %d s".formatted(SILENCE_S));
            }
            if (next.why() != null) {
                throw next.why();
            }
            String line = next.text();
            if (line == null) {
                return;
            }
            if (line.startsWith(":")) {
                sink.silent();
            } else if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                event = line.substring(7);
            } else if (line.startsWith("data: ")) {
                sink.entry(entry(id, event, json(line.substring(6))));
                id = "";
                event = "";
            }
        }
    }

    private static JsonNode json(String data) throws IOException {
        try {
            return JsonMapper.shared().readTree(data);
        } catch (JacksonException e) {
            throw new IOException("a line of its log is not JSON", e);
        }
    }

    private static Entry entry(String id, String event, JsonNode data) {
        if (event.equals("lagged")) {
            return new Entry(
                    "",
                    "agent",
                    "(%d lines are not kept any more)"
                            .formatted(data.path("lost").asLong()),
                    java.time.Instant.now().toString());
        }
        return new Entry(
                id,
                data.path("stream").asString(""),
                data.path("line").asString(""),
                data.path("timestamp").asString(""));
    }
}
