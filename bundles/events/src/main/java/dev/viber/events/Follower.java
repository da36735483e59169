package dev.viber.events;

import dev.viber.api.event.EventBus.Cursor;
import dev.viber.api.event.EventBus.LaggedException;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One place in the journal. At the tail it is fed from commits as they happen; whenever what it was fed does not join on
 * to its place (it is new, fell behind its buffer, or the store was swapped) it reads from the store until it does.
 */
final class Follower implements Cursor {
    /** How much may wait for a slow reader before it has to read from the store again. */
    private static final int BUFFER_BYTES = 1024 * 1024;

    private static final int READ_EVENTS = 4096;

    /** How a follower counts its place: seq in one topic, or position in the whole journal. */
    interface Track {
        /** Whether a segment belongs to what is followed. */
        boolean takes(Segment segment);

        /** The number of a segment's first event. */
        long first(Segment segment);

        /** Segments behind a place, from the store. */
        List<Segment> read(long after, int max);

        /** The number of the oldest event left. */
        long oldest();

        /** The number of the last event there is. */
        long last();
    }

    private final Track track;
    private final Runnable onClose;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Segment> fed = new ArrayDeque<>();
    private int fedBytes;
    private boolean behind = true;
    private boolean closed;
    private long place;

    Follower(Track track, long after, Runnable onClose) {
        this.track = track;
        this.place = after;
        this.onClose = onClose;
    }

    /** Commits as they happen; called on the store's writer thread. */
    void feed(List<Segment> segments) {
        lock.lock();
        try {
            boolean mine = false;
            for (Segment segment : segments) {
                if (track.takes(segment)) {
                    mine = true;
                    keep(segment);
                }
            }
            if (mine) {
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private void keep(Segment segment) {
        int bytes = 64;
        for (JournalEvent event : segment.events()) {
            bytes += 48 + event.data().length();
        }
        if (behind || fedBytes + bytes > BUFFER_BYTES) {
            overflow();
            return;
        }
        fed.add(segment);
        fedBytes += bytes;
    }

    private void overflow() {
        fed.clear();
        fedBytes = 0;
        behind = true;
    }

    /** What it was fed may have a hole: read from the store again. */
    void doubt() {
        lock.lock();
        try {
            overflow();
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public List<Segment> next(Duration atMost) throws InterruptedException, LaggedException {
        long left = atMost.toNanos();
        while (true) {
            boolean read;
            lock.lock();
            try {
                while (fed.isEmpty() && !behind && !closed && left > 0) {
                    left = changed.awaitNanos(left);
                }
                if (closed) {
                    return List.of();
                }
                read = behind;
                if (!read) {
                    List<Segment> taken = takeFed();
                    if (!taken.isEmpty() || left <= 0) {
                        return taken;
                    }
                    continue;
                }
                // From now on commits are kept; what is read next reaches at least to here.
                behind = false;
            } finally {
                lock.unlock();
            }
            List<Segment> found = readOn();
            if (!found.isEmpty()) {
                return found;
            }
        }
    }

    private List<Segment> takeFed() {
        List<Segment> taken = new ArrayList<>(fed.size());
        for (Segment segment : fed) {
            long first = track.first(segment);
            long last = first + segment.events().size() - 1;
            if (last <= place) {
                continue;
            }
            if (isHole(first)) {
                overflow();
                return taken;
            }
            taken.add(segment.from(segment.seq() + Math.max(0, place + 1 - first)));
            place = last;
        }
        fed.clear();
        fedBytes = 0;
        return taken;
    }

    // In one topic numbers are dense. Over several topics others' events lie between, and commits come in order.
    private boolean isHole(long first) {
        return track instanceof TopicTrack && first > place + 1;
    }

    private List<Segment> readOn() throws LaggedException {
        List<Segment> found = track.read(place, READ_EVENTS);
        int events = 0;
        for (Segment segment : found) {
            events += segment.events().size();
        }
        if (events >= READ_EVENTS) {
            doubt();
        }
        if (!found.isEmpty()) {
            checkJoins(track.first(found.getFirst()));
            Segment last = found.getLast();
            place = track.first(last) + last.events().size() - 1;
        } else {
            checkJoins(track.last() + 1);
        }
        return found;
    }

    private void checkJoins(long first) throws LaggedException {
        long wanted = place + 1;
        if (first <= wanted) {
            return;
        }
        long oldest = track.oldest();
        if (oldest > wanted) {
            long lost = place;
            place = oldest - 1;
            doubt();
            throw new LaggedException(lost, oldest);
        }
    }

    @Override
    public boolean isAtEnd() {
        lock.lock();
        try {
            if (!fed.isEmpty()) {
                return false;
            }
        } finally {
            lock.unlock();
        }
        return track.read(place, 1).isEmpty();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        onClose.run();
    }
}
