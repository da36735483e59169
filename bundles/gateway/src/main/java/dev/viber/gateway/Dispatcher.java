package dev.viber.gateway;

import dev.viber.api.viber.ViberInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives queued tasks out whenever one came or a viber has room: woken, never polling. */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Gateway gateway;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition woken = lock.newCondition();
    private final Set<String> vibers = new HashSet<>();
    private boolean all;
    private @Nullable Thread thread;

    Dispatcher(Gateway gateway) {
        this.gateway = gateway;
    }

    void start() {
        all = true;
        thread = Thread.ofVirtual().name("dispatcher").start(this::run);
    }

    void stop() {
        Thread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /** This viber may have room, or tasks queued for it. */
    void wake(String viberId) {
        lock.lock();
        try {
            vibers.add(viberId);
            woken.signal();
        } finally {
            lock.unlock();
        }
    }

    /** There are tasks that any viber may take. */
    void wakeAll() {
        lock.lock();
        try {
            all = true;
            woken.signal();
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (true) {
                List<Assignment.Candidate> candidates = candidates();
                if (!candidates.isEmpty()) {
                    assign(candidates);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("stopped");
        }
    }

    private void assign(List<Assignment.Candidate> candidates) {
        try {
            Inbound.await(gateway.change((tables, effects) ->
                    new Assignment(tables, effects, java.time.Instant.now(), gateway.needs()::of).assign(candidates)));
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                return; // stopped, which the next wait notices
            }
            // The tasks stay queued; the next wake, at the latest the upkeep's, tries again.
            LOG.warn("queued tasks could not be given out now: {}", e.toString());
        }
    }

    private List<Assignment.Candidate> candidates() throws InterruptedException {
        Set<String> wanted;
        boolean everyone;
        lock.lock();
        try {
            while (vibers.isEmpty() && !all) {
                woken.await();
            }
            wanted = Set.copyOf(vibers);
            everyone = all;
            vibers.clear();
            all = false;
        } finally {
            lock.unlock();
        }
        List<Assignment.Candidate> candidates = new ArrayList<>();
        if (everyone) {
            gateway.sessions().all().forEach(session -> add(session, candidates));
        } else {
            for (String viberId : wanted) {
                gateway.sessions().find(viberId).ifPresent(session -> add(session, candidates));
            }
        }
        return candidates;
    }

    private void add(Session session, List<Assignment.Candidate> candidates) {
        ViberInfo info = session.info();
        if (info == null) {
            return;
        }
        Integer said = info.capacity();
        int capacity = said == null ? gateway.settings().defaultCapacity() : Math.max(0, said);
        int busy = session.busy.size();
        if (busy < capacity) {
            candidates.add(
                    new Assignment.Candidate(session.viberId(), Set.copyOf(info.capabilities()), capacity, busy));
        }
    }
}
