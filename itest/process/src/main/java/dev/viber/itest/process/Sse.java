package dev.viber.itest.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Follows one task's events over however many connections it takes, and keeps exactly what it was sent. */
final class Sse {
    /** The kinds after which nothing comes. */
    static final Set<String> LAST = Set.of("completed", "error", "stopped");

    /** One event as it was sent. */
    record Event(long seq, String kind, JsonNode data) {
        boolean isLast() {
            return LAST.contains(kind);
        }
    }

    /** Sees each event as it comes. */
    @FunctionalInterface
    interface Watcher {
        void seen(Event event) throws IOException, InterruptedException;
    }

    private final String taskId;
    private final List<Event> events = new ArrayList<>();
    private int connections;

    Sse(String taskId) {
        this.taskId = taskId;
    }

    String taskId() {
        return taskId;
    }

    /** All that was sent so far, in order of arrival. */
    synchronized List<Event> events() {
        return List.copyOf(events);
    }

    synchronized int connections() {
        return connections;
    }

    private synchronized void add(Event event) {
        events.add(event);
    }

    private synchronized String begin() {
        connections++;
        return events.isEmpty() ? null : Long.toString(events.getLast().seq());
    }

    /** Follows the task to its end through whatever befalls the gateway. */
    void followToEnd(Cluster cluster, Watcher watcher) throws InterruptedException {
        cluster.insist(rest -> {
            read(rest, event -> false, watcher);
            if (!isAtEnd()) {
                throw new IOException("the stream of %s ended early".formatted(taskId));
            }
            return null;
        });
    }

    /** Follows on until this event has come, or the stream ends. */
    Event await(Rest rest, Predicate<Event> wanted) throws IOException, InterruptedException {
        read(rest, wanted, event -> {});
        Event last = events().getLast();
        if (!wanted.test(last)) {
            throw new IllegalStateException("the task ended without the event wanted: " + events());
        }
        return last;
    }

    private boolean isAtEnd() {
        List<Event> seen = events();
        return !seen.isEmpty() && seen.getLast().isLast();
    }

    private void read(Rest rest, Predicate<Event> until, Watcher watcher) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = rest.stream("/tasks/" + taskId + "/events", begin());
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            if (response.statusCode() == 204 && isAtEnd()) {
                return;
            }
            if (response.statusCode() != 200) {
                throw new IOException("the stream of %s answered %d".formatted(taskId, response.statusCode()));
            }
            String id = "";
            String kind = "";
            String data = "";
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    kind = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data = line.substring(6);
                } else if (line.isEmpty() && !data.isEmpty()) {
                    Event event = new Event(Long.parseLong(id), kind, Rest.JSON.readTree(data));
                    data = "";
                    add(event);
                    watcher.seen(event);
                    if (until.test(event)) {
                        return;
                    }
                }
            }
        }
    }
}
