package dev.viber.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.server.Server;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The contributions there are: added and taken away while others serve, without a lock for those that look. */
final class Routes {
    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);
    /** How long a path whose contribution left counts as being between two. */
    private static final Duration AWAY = Duration.ofMinutes(1);

    private static final Comparator<Route> LONGEST_FIRST = Comparator.comparingInt(
                    (Route route) -> -route.path().length())
            .thenComparingInt(route -> -route.ranking());

    private final ReentrantLock changes = new ReentrantLock();
    private final List<Route> known = new ArrayList<>();
    private final Map<String, Long> left = new ConcurrentHashMap<>();
    private volatile List<Route> serving = List.of();
    private volatile @Nullable Server server;

    /** Starts all that is known; what is added later starts at once. */
    void start(Server on) {
        changes.lock();
        try {
            server = on;
            known.forEach(route -> open(route, on));
        } finally {
            changes.unlock();
        }
    }

    /** Adds a contribution; one that cannot start is logged and not served. */
    void add(Route route) {
        changes.lock();
        try {
            known.add(route);
            Server on = server;
            if (on != null) {
                open(route, on);
            }
        } finally {
            changes.unlock();
        }
    }

    /** Takes a contribution away, and returns when it has ended; one that is not there is no error. */
    void remove(Route route) {
        changes.lock();
        try {
            if (!known.remove(route)) {
                return;
            }
            left.put(route.path(), System.nanoTime());
            serving = serving.stream().filter(other -> !other.equals(route)).toList();
        } finally {
            changes.unlock();
        }
        retire(route);
    }

    /** Ends every contribution, all at the same time, and goes back to before {@link #start}. */
    void stop() {
        List<Route> ending;
        changes.lock();
        try {
            server = null;
            ending = serving;
            serving = List.of();
        } finally {
            changes.unlock();
        }
        List<Thread> threads = ending.stream()
                .map(route -> Thread.startVirtualThread(() -> retire(route)))
                .toList();
        try {
            long deadline = System.nanoTime() + Route.GRACE.multipliedBy(3).toNanos();
            for (Thread thread : threads) {
                if (!thread.join(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                    LOG.warn("A contribution does not stop; not waiting for it any longer");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The contribution with the longest path that serves this one; null where there is none. */
    @Nullable
    Route find(String path) {
        for (Route route : serving) {
            if (route.serves(path)) {
                return route;
            }
        }
        return null;
    }

    /**
     * Whether what served this path left just now, or the listener itself is leaving: then it is being replaced, and the
     * caller had better ask again.
     */
    boolean isAway(String path) {
        if (server == null) {
            return true;
        }
        long now = System.nanoTime();
        left.values().removeIf(at -> now - at > AWAY.toNanos());
        return left.keySet().stream().anyMatch(one -> Route.covers(one, path));
    }

    private void open(Route route, Server on) {
        try {
            route.start(on);
            List<Route> more = new ArrayList<>(serving);
            more.add(route);
            more.sort(LONGEST_FIRST);
            serving = List.copyOf(more);
            left.remove(route.path());
            LOG.debug("serving {}", route);
        } catch (Exception e) {
            LOG.error("{} is not served: it could not start", route, e);
        }
    }

    private static void retire(Route route) {
        try {
            route.retire();
            LOG.debug("no longer serving {}", route);
        } catch (RuntimeException e) {
            LOG.error("{} did not stop cleanly", route, e);
        }
    }
}
