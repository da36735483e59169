package dev.viber.rest;

import dev.viber.api.auth.Principal;
import dev.viber.api.event.EventBus;
import dev.viber.api.event.EventBus.Cursor;
import dev.viber.api.http.HttpContribution;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskLifecycle.Phase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Streams of server-sent events. Whatever the journal gives at once goes out in one write; a reader that is slow to
 * take it holds up its own virtual thread and nothing else.
 */
final class SseStreams implements AutoCloseable {
    private static final ByteBuffer HEARTBEAT =
            ByteBuffer.wrap(": \n\n".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();
    private static final int WRITE_AT = 64 * 1024;
    private static final int MOST_BYTES_KEPT = 4 * WRITE_AT;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Desks desks;
    private final Duration heartbeat;
    private final Set<Stream> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    SseStreams(Desks desks, Duration heartbeat) {
        this.desks = desks;
        this.heartbeat = heartbeat;
    }

    /** Streams may be opened from now on, once more where they were ended by {@link #close}. */
    void open() {
        closed = false;
    }

    /** Streams the events of a task. */
    void task(Call<?> call, Response response, Callback callback) throws IOException, InterruptedException {
        String taskId = call.text("taskId");
        if (desks.tasks.call(desk -> desk.find(taskId)).isEmpty()) {
            throw ProblemException.notFound("task", taskId);
        }
        long after = lastEventId(call).orElse(call.number("after"));
        Follower follower = desks.follow((bus, place) -> bus.follow("task/" + taskId, place), after);
        Stream stream = new Stream(call.request(), response, follower, new Framing.OfTask(taskId), after, place -> {
            Optional<Task> now = desks.tasks.call(desk -> desk.find(taskId));
            return hasEnded(now, place);
        });
        stream.serve(after > 0, callback);
    }

    /** Streams the events of all topics asked for. */
    void all(Call<?> call, Response response, Callback callback) throws IOException, InterruptedException {
        List<String> topics = Topics.parse(call.optional("topic"));
        Optional<Long> lastEventId = lastEventId(call);
        boolean finite = Topics.areTasks(topics);
        long after = lastEventId.orElseGet(desks::lastPosition);
        Follower follower = desks.follow((bus, place) -> bus.followAll(topics, place), after);
        Stream stream = new Stream(
                call.request(),
                response,
                follower,
                new Framing.AsCloudEvent(),
                after,
                place -> finite && haveEnded(topics));
        stream.serve(lastEventId.isPresent(), callback);
    }

    /** Ends what was opened with the token of this id. */
    void endOf(String tokenId) {
        running.stream().filter(stream -> stream.isOf(tokenId)).forEach(Stream::end);
    }

    /** Ends every stream at once. */
    @Override
    public void close() {
        closed = true;
        running.forEach(Stream::end);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        for (Stream stream : running) {
            stream.awaitEnd(deadline - System.nanoTime());
        }
    }

    private boolean haveEnded(List<String> topics) {
        return topics.stream()
                .allMatch(topic -> desks.tasks
                        .call(desk -> desk.find(Topics.id(topic)))
                        .map(SseStreams::isEnded)
                        .orElse(true));
    }

    private static boolean hasEnded(Optional<Task> task, long seenSeq) {
        return task.map(found -> isEnded(found) && seenSeq >= found.lastSeq()).orElse(true);
    }

    private static boolean isEnded(Task task) {
        return Phase.valueOf(task.phase().toUpperCase(Locale.ROOT)).isEnded();
    }

    private static Optional<Long> lastEventId(Call<?> call) {
        String text = call.request().getHeaders().get("Last-Event-ID");
        if (text == null || text.isEmpty()) {
            text = call.optional("lastEventId");
        }
        if (text == null) {
            return Optional.empty();
        }
        try {
            long id = Long.parseLong(text.strip());
            if (id >= 0) {
                return Optional.of(id);
            }
        } catch (NumberFormatException e) {
            // told below, as for a negative one
        }
        throw new ProblemException(
                Kind.INVALID,
                "Last-Event-ID is '%s'; wanted a number from 0".formatted(text),
                Map.of("parameter", "Last-Event-ID"));
    }

    /** Tells whether nothing can come behind a place. */
    @FunctionalInterface
    private interface End {
        boolean isAt(long place);
    }

    /** One reader. */
    private final class Stream implements Follower.Sink {
        private final Request request;
        private final Response response;
        private final Follower follower;
        private final Framing framing;
        private final End end;
        private final JsonBytes out = new JsonBytes(8 * 1024);
        private final CountDownLatch ended = new CountDownLatch(1);
        private final boolean perTask;
        private long place;
        private boolean mayHaveEnded = true;

        Stream(Request request, Response response, Follower follower, Framing framing, long after, End end) {
            this.request = request;
            this.response = response;
            this.follower = follower;
            this.framing = framing;
            this.perTask = framing instanceof Framing.OfTask;
            this.place = after;
            this.end = end;
        }

        /** Streams until the end; the response is complete then, and empty for one who comes back to nothing more. */
        void serve(boolean resumed, Callback callback) throws IOException, InterruptedException {
            running.add(this);
            try {
                // The place is held before the reader is told that it is; the end is asked for before what is left.
                Cursor cursor = follower.cursor();
                if (resumed && end.isAt(place) && cursor.isAtEnd()) {
                    response.setStatus(204);
                    callback.succeeded();
                    return;
                }
                if (closed) {
                    follower.close();
                }
                response.setStatus(200);
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
                response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
                response.getHeaders().put("X-Accel-Buffering", "no");
                Content.Sink.write(response, false, BufferUtil.EMPTY_BUFFER);
                if (!perTask && place > 0 && place != EventBus.END) {
                    // Gives a reader the place to come back to before anything has come; dispatches nothing.
                    out.clear();
                    out.put("id: ".getBytes(StandardCharsets.US_ASCII))
                            .put(place)
                            .put(Framing.END);
                    flush();
                }
                follower.run(this, heartbeat);
                Content.Sink.write(response, true, BufferUtil.EMPTY_BUFFER);
                callback.succeeded();
            } finally {
                follower.close();
                running.remove(this);
                ended.countDown();
            }
        }

        @Override
        public long events(List<Segment> segments) throws IOException {
            out.clear();
            for (Segment segment : segments) {
                List<JournalEvent> events = segment.events();
                for (int i = 0; i < events.size(); i++) {
                    JournalEvent event = events.get(i);
                    framing.sent(out, segment.position() + i, segment.topic(), segment.seq() + i, event);
                    if (Framing.LAST_KINDS.contains(event.kind())) {
                        mayHaveEnded = true;
                    }
                    if (out.length() >= WRITE_AT) {
                        flush();
                    }
                }
                if (!events.isEmpty()) {
                    place = perTask ? segment.lastSeq() : segment.lastPosition();
                }
            }
            flush();
            return place;
        }

        @Override
        public void lagged(long wanted, long oldest) throws IOException {
            out.clear();
            out.put("event: lagged\ndata: {\"wanted\":".getBytes(StandardCharsets.US_ASCII))
                    .put(wanted)
                    .put(",\"oldest\":".getBytes(StandardCharsets.US_ASCII))
                    .put(oldest)
                    .put("}\n\n".getBytes(StandardCharsets.US_ASCII));
            flush();
        }

        @Override
        public void idle() throws IOException {
            mayHaveEnded = true; // asked once per heartbeat in any case
            Content.Sink.write(response, false, HEARTBEAT.slice());
        }

        @Override
        public boolean hasEnded() {
            if (!mayHaveEnded) {
                return false;
            }
            boolean over = end.isAt(place);
            mayHaveEnded = over;
            return over;
        }

        private void flush() throws IOException {
            if (out.length() > 0) {
                Content.Sink.write(response, false, out.asByteBuffer());
                if (out.length() > MOST_BYTES_KEPT) {
                    out.shrink();
                }
                out.clear();
            }
        }

        void end() {
            follower.close();
        }

        boolean isOf(String tokenId) {
            return request.getAttribute(HttpContribution.PRINCIPAL) instanceof Principal principal
                    && principal.tokenId().equals(tokenId);
        }

        /** Waits for the end; a reader that takes nothing any more is cut off. */
        void awaitEnd(long nanos) {
            try {
                if (!ended.await(Math.max(0, nanos), TimeUnit.NANOSECONDS)) {
                    request.getConnectionMetaData()
                            .getConnection()
                            .getEndPoint()
                            .close();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
