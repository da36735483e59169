package dev.viber.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The sockets that said {@code connected}, one a viber; a later one takes over from an earlier. */
final class Sessions {
    private static final Duration FIGHT = Duration.ofMinutes(1);
    private static final int TAKE_OVERS = 3;

    private final Map<String, Session> current = new ConcurrentHashMap<>();
    private final Map<String, Deque<Instant>> takeOvers = new ConcurrentHashMap<>();

    /** This socket is the viber's from now on; tells whether the id is fought over since just now. */
    boolean enter(Session session) {
        Session before = current.put(session.viberId(), session);
        // One that is over and only not yet taken in to its end is no rival: its own daemon came back quickly.
        if (before == null || before == session || before.isOver()) {
            return false;
        }
        before.close(CloseCode.TAKEN_OVER, "another socket said connected with this id");
        Instant now = Instant.now();
        Deque<Instant> times = takeOvers.computeIfAbsent(session.viberId(), id -> new ArrayDeque<>());
        synchronized (times) {
            times.removeIf(time -> time.isBefore(now.minus(FIGHT)));
            times.add(now);
            return times.size() == TAKE_OVERS;
        }
    }

    /** The socket is gone for good; tells whether it was the viber's until now. */
    boolean gone(Session session) {
        if (!current.remove(session.viberId(), session)) {
            return false;
        }
        takeOvers.remove(session.viberId());
        return true;
    }

    /** Whether several daemons fight over this id: three take-overs within a minute. */
    boolean isDuplicate(String viberId) {
        Deque<Instant> times = takeOvers.get(viberId);
        if (times == null) {
            return false;
        }
        synchronized (times) {
            return times.size() >= TAKE_OVERS
                    && times.getLast().isAfter(Instant.now().minus(FIGHT));
        }
    }

    /** How long a newcomer with this id has to stay away; null where it may come. */
    @Nullable
    Duration refuse(@Nullable String viberId) {
        return viberId != null && current.containsKey(viberId) && isDuplicate(viberId) ? FIGHT : null;
    }

    /** The viber's socket, if it is here. */
    Optional<Session> find(@Nullable String viberId) {
        return viberId == null ? Optional.empty() : Optional.ofNullable(current.get(viberId));
    }

    /** All of them, as they are at this instant. */
    Collection<Session> all() {
        return current.values();
    }
}
