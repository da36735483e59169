package dev.viber.vm.proxy;

import dev.viber.api.vm.VmDesk.Door;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
    static void read(Guest guest, Door door, @Nullable String after, boolean follow, Sink sink)
            throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = guest.get(
                door.agent(),
                "/v1/logs/stream" + (follow ? "" : "?follow=false"),
                door.token(),
                after == null ? Map.of() : Map.of("Last-Event-ID", after));
        try (InputStream in = answer.body()) {
            if (answer.statusCode() != 200) {
                throw new IOException("it says %d to its log".formatted(answer.statusCode()));
            }
            SynchronousQueue<Optional<String>> lines = new SynchronousQueue<>();
            Thread reading = Thread.ofVirtual().name("vm-agent-log").start(() -> lines(in, lines));
            try {
                take(lines, sink);
            } finally {
                reading.interrupt();
            }
        }
    }

    private static void lines(InputStream in, SynchronousQueue<Optional<String>> lines) {
        try {
            BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            try {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    lines.put(Optional.of(line));
                }
            } catch (IOException e) {
                // It ended otherwise than it should, or is not wanted any more: in any case it ended.
            }
            lines.put(Optional.empty());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void take(SynchronousQueue<Optional<String>> lines, Sink sink)
            throws IOException, InterruptedException {
        String id = "";
        String event = "";
        while (true) {
            Optional<String> next = lines.poll(SILENCE_S, TimeUnit.SECONDS);
            if (next == null) {
                throw new IOException("it has said nothing for %d s".formatted(SILENCE_S));
            }
            if (next.isEmpty()) {
                return;
            }
            String line = next.get();
            if (line.startsWith(":")) {
                sink.silent();
            } else if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                event = line.substring(7);
            } else if (line.startsWith("data: ")) {
                sink.entry(entry(id, event, JsonMapper.shared().readTree(line.substring(6))));
                id = "";
                event = "";
            }
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
