package dev.viber.library;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One attempt at a task, and its frames that the gateway has not acknowledged; guarded by its {@link Desk}. */
final class Held {
    /** A frame and its place in the attempt. */
    record Frame(long vseq, String text) {}

    final String taskId;
    final int attempt;
    final Deque<Frame> unacked = new ArrayDeque<>();
    volatile @Nullable ViberTask task;
    volatile @Nullable Thread worker;
    long vseq;
    boolean ended;

    Held(String taskId, int attempt) {
        this.taskId = taskId;
        this.attempt = attempt;
    }

    /** The next frame, kept until it is acknowledged. */
    Frame next(String kind, Map<String, ?> members) {
        vseq++;
        String text = Json.frame("task:" + kind, taskId, attempt, vseq, members);
        Frame frame = new Frame(vseq, text);
        unacked.add(frame);
        return frame;
    }

    /** What is up to here needs not be kept. */
    void acked(long upTo) {
        while (!unacked.isEmpty() && unacked.peekFirst().vseq() <= upTo) {
            unacked.removeFirst();
        }
    }

    boolean isOver() {
        return ended && unacked.isEmpty();
    }
}
