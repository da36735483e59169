package dev.viber.client;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.rest.Routes;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * The events of a task, to its end. Where the connection breaks it is made again, with patience, behind the last event
 * that was read, so that none is missed or seen twice. One thread reads; any may close.
 */
public final class TaskEventStream implements Iterable<TaskEvent>, AutoCloseable {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private static final int PATIENT_FAILURES = 6;

    private final ViberClient client;
    private final URI uri;
    private final CountDownLatch closed = new CountDownLatch(1);
    private long lastSeq;
    private int failures;
    private boolean fruitful;
    private boolean connectedOnce;
    private @Nullable TaskEvent ahead;
    private volatile @Nullable BufferedReader connection;

    TaskEventStream(ViberClient client, String taskId, long afterSeq) {
        this.client = client;
        this.uri = client.uri(Routes.TASK_EVENTS, Map.of("taskId", taskId), Map.of());
        this.lastSeq = afterSeq;
    }

    /** The seq of the last event that was read. */
    public long lastSeq() {
        return lastSeq;
    }

    /**
     * The one iterator there is: {@code hasNext} waits for the next event and is false at the end, or when closed.
     *
     * @throws ProblemException from its methods, where the server refuses: there is no such task
     */
    @Override
    public Iterator<TaskEvent> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return advance();
            }

            @Override
            public TaskEvent next() {
                return take();
            }
        };
    }

    private boolean advance() {
        while (ahead == null && closed.getCount() > 0) {
            try {
                BufferedReader present = connection;
                if (present == null) {
                    present = connect();
                    if (present == null) {
                        return false;
                    }
                }
                ahead = read(present);
                if (ahead == null) { // a response that is complete ends a connection, not yet the task
                    disconnect();
                    if (!fruitful) {
                        pause();
                    }
                    fruitful = false;
                } else {
                    failures = 0;
                    fruitful = true;
                }
            } catch (IOException | UnreachableException e) {
                disconnect();
                pause();
            } catch (ProblemException e) {
                if (!mayPass(e)) {
                    throw e;
                }
                pause();
            }
        }
        return ahead != null;
    }

    /** Whether it may help to ask again; an interface that restarts is not found for a moment. */
    private boolean mayPass(ProblemException e) {
        return e.kind() == Kind.UNAVAILABLE
                || e.kind() == Kind.TOO_MANY
                || (e.kind() == Kind.NOT_FOUND && connectedOnce && failures < PATIENT_FAILURES);
    }

    private TaskEvent take() {
        TaskEvent event = advance() ? ahead : null;
        if (event == null) {
            throw new NoSuchElementException("no event behind " + lastSeq);
        }
        ahead = null;
        lastSeq = Math.max(lastSeq, event.seq());
        return event;
    }

    /** Ends the reading, also that of another thread. */
    @Override
    public void close() {
        closed.countDown();
        disconnect();
    }

    /** A connection behind the last event; null where the server says that nothing comes behind it. */
    private @Nullable BufferedReader connect() {
        HttpRequest.Builder request = client.request(uri).header("Accept", "text/event-stream");
        if (lastSeq > 0) {
            request.header("Last-Event-ID", Long.toString(lastSeq));
        }
        HttpResponse<InputStream> response = client.send(request.build());
        BufferedReader reader = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
        connection = reader;
        connectedOnce = true;
        if (closed.getCount() == 0) {
            disconnect();
        }
        return response.statusCode() == 204 ? null : reader;
    }

    private static @Nullable TaskEvent read(BufferedReader reader) throws IOException {
        String kind = "message";
        long id = 0;
        StringBuilder data = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.isEmpty()) {
                if (!data.isEmpty()) {
                    return event(id, kind, data.toString());
                }
                kind = "message";
            } else if (line.startsWith("data:")) {
                data.append(data.isEmpty() ? "" : "\n").append(value(line));
            } else if (line.startsWith("event:")) {
                kind = value(line);
            } else if (line.startsWith("id:")) {
                id = Long.parseLong(value(line));
            }
        }
        return null;
    }

    private static TaskEvent event(long id, String kind, String data) {
        Map<String, Object> members =
                ViberClient.JSON.readValue(data, new TypeReference<LinkedHashMap<String, Object>>() {});
        return new TaskEvent(id, kind, members);
    }

    private static String value(String line) {
        String value = line.substring(line.indexOf(':') + 1);
        return value.startsWith(" ") ? value.substring(1) : value;
    }

    private void disconnect() {
        BufferedReader present = connection;
        connection = null;
        if (present != null) {
            try {
                present.close();
            } catch (IOException e) {
                failures++; // it was broken already, and is given up all the same
            }
        }
    }

    private void pause() {
        long most = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << Math.min(failures++, 16));
        try {
            closed.await(ThreadLocalRandom.current().nextLong(most / 2, most + 1), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed.countDown();
        }
    }
}
