package dev.viber.itest.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/** Follows what the gateway tells of vibers, or of other things, on {@code /events}, over however many connections it takes. */
final class ViberEvents implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** An event, and when it was here by {@link System#nanoTime()}. */
    record Heard(long at, String type, JsonNode data) {}

    private final Cluster cluster;
    private final String topics;
    private final List<Heard> heard = new ArrayList<>();
    private final Thread thread;
    private String place;

    /** Listens from now on: what is told after the constructor returned is heard. */
    ViberEvents(Cluster cluster) throws InterruptedException {
        this(cluster, "viber/*");
    }

    /** As the other constructor, of these topics. */
    ViberEvents(Cluster cluster, String topics) throws InterruptedException {
        this.cluster = cluster;
        this.topics = topics;
        thread = Thread.ofVirtual().name("viber-events").start(this::listen);
        synchronized (this) {
            for (long end = System.nanoTime() + PATIENCE.toNanos(); place == null; ) {
                pause(end, "the stream of events does not begin");
            }
        }
    }

    @SuppressWarnings("WaitNotInLoop") // those who call it loop
    private void pause(long end, String otherwise) throws InterruptedException {
        long left = (end - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new IllegalStateException(
                    "%s; who listens is %s".formatted(otherwise, List.of(thread.getStackTrace())));
        }
        wait(left);
    }

    private void listen() {
        try {
            while (true) {
                cluster.insist(rest -> {
                    read(rest);
                    throw new IOException("the stream ended");
                });
            }
        } catch (InterruptedException | IllegalStateException e) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    private void read(Rest rest) throws IOException, InterruptedException {
        String from;
        synchronized (this) {
            from = place;
        }
        HttpResponse<InputStream> response = rest.stream("/events?topic=" + topics, from);
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            if (response.statusCode() != 200) {
                throw new IOException("the stream answered " + response.statusCode());
            }
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.startsWith("id: ")) {
                    at(line.substring(4));
                } else if (line.startsWith("data: ")) {
                    JsonNode event = Rest.JSON.readTree(line.substring(6));
                    add(new Heard(System.nanoTime(), event.path("type").asString(), event.path("data")));
                }
            }
        }
    }

    private synchronized void at(String id) {
        place = id;
        notifyAll();
    }

    private synchronized void add(Heard event) {
        heard.add(event);
        notifyAll();
    }

    /** How many were heard: a place to wait from. */
    synchronized int mark() {
        return heard.size();
    }

    /** What was heard behind the mark. */
    synchronized List<Heard> since(int mark) {
        return List.copyOf(heard.subList(mark, heard.size()));
    }

    /** The first one behind the mark that is as wanted, waited for. */
    synchronized Heard await(int mark, Predicate<Heard> wanted) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (int next = mark; ; ) {
            while (next >= heard.size()) {
                pause(end, "not told of, only " + heard.subList(mark, heard.size()));
            }
            if (wanted.test(heard.get(next))) {
                return heard.get(next);
            }
            next++;
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
