package dev.viber.library;

import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** A task in the hands of its handler; safe for use by several threads. */
public final class ViberTask {
    private final String id;
    private final String goal;
    private final Map<String, Object> options;
    private final @Nullable String traceparent;
    private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
    private final Telling telling;
    private volatile boolean stopped;

    /** Where its events go. */
    interface Telling {
        void progress(Map<String, ?> event) throws InterruptedException;
    }

    ViberTask(String id, String goal, Map<String, Object> options, @Nullable String traceparent, Telling telling) {
        this.id = id;
        this.goal = goal;
        this.options = Map.copyOf(options);
        this.traceparent = traceparent;
        this.telling = telling;
    }

    /** The task's id. */
    public String id() {
        return id;
    }

    /** What is to be done, in words. */
    public String goal() {
        return goal;
    }

    /** How, as the client said: {@code inputs}, {@code metadata}... as JSON values. */
    public Map<String, Object> options() {
        return options;
    }

    /**
     * The span this task is, as the W3C's {@code traceparent} names it, to send along with requests of one's own; null where
     * the gateway said none.
     */
    public @Nullable String traceparent() {
        return traceparent;
    }

    /** Adds to the answer's text. */
    public void text(String delta) throws InterruptedException {
        progress(Map.of("kind", "text", "delta", delta));
    }

    /**
     * Tells of progress; it stands unchanged under {@code data.event} of what clients read. Waits while too much of what was
     * told before is not at the gateway yet.
     *
     * @param event JSON values; {@code kind} says what it is
     * @throws IllegalArgumentException where it is larger than the gateway takes
     */
    public void progress(Map<String, ?> event) throws InterruptedException {
        telling.progress(event);
    }

    /** Messages that were sent to the task while it runs, the oldest first. */
    public BlockingQueue<String> messages() {
        return messages;
    }

    /** Whether it is to be stopped; its thread is interrupted as well. */
    public boolean isStopped() {
        return stopped;
    }

    void stop() {
        stopped = true;
    }
}
