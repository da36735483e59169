package dev.viber.pools;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.Pool;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.browser.PoolDesk.State;
import dev.viber.api.browser.PoolDesk.Waiting;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Room;
import dev.viber.api.vm.Vm;
import dev.viber.pools.Machines.Health;
import dev.viber.pools.Waiters.Asked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pool: brings what there is to what is wanted, whenever something has happened, on one thread of its own.
 *
 * <p>Its members are the VMs whose names begin with the pool's; those of no session are ready for the next, or on their way.
 */
final class PoolRun {
    private static final Logger LOG = LoggerFactory.getLogger(PoolRun.class);
    /** Until it looks again where nobody tells that it may go on: processors that were busy, memory, an agent that is slow. */
    private static final Duration AGAIN = Duration.ofSeconds(2);

    private static final Duration LONG = Duration.ofHours(1);

    /** How long one that does not answer may still be well. */
    private static final Duration SLOW = Duration.ofMinutes(1);

    private static final Duration REST = Duration.ofSeconds(5);
    private static final Duration LEAVING = Duration.ofSeconds(20);
    /** How long the next browser that nobody waits for is put off while the processors are busy. */
    private static final Duration BUSY_AT_MOST = Duration.ofMinutes(1);

    private static final String BUSY =
            "the processors are busy: the next browsers are made when they are less so, until then one a minute";

    private final PoolBook book;
    private final Machines machines;
    private final Waiters waiters;
    private final Giving giving;
    private final Set<String> going = new HashSet<>();
    /** Asked for, and perhaps not in the list of VMs yet. */
    private final Set<String> making = new HashSet<>();

    /** Of those who did not answer at once; of this thread's alone. */
    private final Map<String, Instant> slowSince = new HashMap<>();

    private final Thread thread;
    private Pool pool;
    private boolean told;
    private boolean closed;
    private @Nullable String trouble;
    private Instant restsUntil = Instant.EPOCH;
    private Instant lastMade = Instant.EPOCH;
    /** When it has something to do though nothing happens. */
    private Instant next = Instant.MAX;

    PoolRun(Pool pool, PoolBook book, Machines machines, PromiseFactory promises) {
        this.pool = pool;
        this.book = book;
        this.machines = machines;
        waiters = new Waiters(promises);
        giving = new Giving(waiters, book);
        thread = Thread.ofVirtual().name("pool-" + pool.name()).start(this::run);
    }

    synchronized Pool pool() {
        return pool;
    }

    synchronized void change(Pool now) {
        pool = now;
        tell();
    }

    /** Something has happened. */
    synchronized void tell() {
        told = true;
        notifyAll();
    }

    /** Nothing more is done when this returns; those who wait are told so. */
    void close(String why) throws InterruptedException {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        waiters.close(why);
        thread.join(LEAVING);
        synchronized (this) {
            trouble = why;
        }
    }

    /** Returns when each VM that was asked for is in the list of VMs, or given up. */
    void awaitMade() throws InterruptedException {
        long end = System.nanoTime() + LEAVING.toNanos();
        while (true) {
            Set<String> listed = machines.names(pool().name());
            synchronized (this) {
                if (listed.containsAll(making)) {
                    return;
                }
                if (System.nanoTime() - end > 0) {
                    throw new ProblemException(
                            ProblemException.Kind.UNAVAILABLE,
                            "not made yet, nor given up: " + String.join(", ", making));
                }
                wait(AGAIN.toMillis());
            }
        }
    }

    Promise<Session> ask(BrowserRequest request) {
        Promise<Session> answer = waiters.add(request);
        tell();
        return answer;
    }

    State state() {
        // Before the sessions: who is in neither then has not asked.
        List<Waiting> queue = waiters.shown();
        List<Session> sessions = book.sessions(pool().name());
        Set<String> used = sessions.stream().map(Session::vm).collect(Collectors.toSet());
        List<Vm> free = machines.of(pool().name()).stream()
                .filter(vm -> !used.contains(vm.name()))
                .toList();
        synchronized (this) {
            int ready = (int) free.stream()
                    .filter(vm -> !closed && vm.phase().isReady() && !going.contains(vm.name()))
                    .count();
            int coming = (int) free.stream().filter(Machines::isComing).count();
            return new State(pool, ready, coming, sessions, queue, trouble);
        }
    }

    private void run() {
        while (true) {
            synchronized (this) {
                try {
                    for (long left = left(); !told && !closed && left > 0; left = left()) {
                        wait(left);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                if (closed) {
                    return;
                }
                told = false;
                next = Instant.MAX;
            }
            try {
                look();
            } catch (ProblemException | GateShutException | IOException e) {
                trouble(e.getMessage());
                by(Instant.now().plus(AGAIN));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.warn("pool {} could not be looked after", pool().name(), e);
                trouble(e.toString());
                by(Instant.now().plus(AGAIN));
            }
        }
    }

    private long left() {
        Duration left = Duration.between(
                Instant.now(), next.equals(Instant.MAX) ? Instant.now().plus(LONG) : next);
        return left.isNegative() ? 0 : left.toMillis() + 1;
    }

    /** It looks again by then, whatever happens. */
    private synchronized void by(Instant when) {
        next = when.isBefore(next) ? when : next;
    }

    private synchronized void trouble(@Nullable String what) {
        // That the processors are busy comes and goes, and is no fault.
        if (what != null && !what.equals(BUSY) && !plain(what).equals(plain(trouble))) {
            LOG.info("pool {}: {}", pool.name(), what);
        }
        trouble = what;
    }

    /** Without its figures: those of a shortage are others at each look, and it is said once. */
    private static String plain(@Nullable String what) {
        return what == null ? "" : what.replaceAll("\\d+", "");
    }

    /** What a look has found; while it rests, that which it rests from is told. */
    private synchronized void found(@Nullable String what) {
        if (!Instant.now().isBefore(restsUntil)) {
            trouble(what);
        }
    }

    private void look() throws InterruptedException, IOException {
        Pool now = pool();
        List<Vm> members = machines.of(now.name());
        Set<String> there =
                members.stream().filter(Machines::isThere).map(Vm::name).collect(Collectors.toSet());
        Set<String> used = new HashSet<>();
        for (Session session : book.sessions(now.name())) {
            if (!there.contains(session.vm())) {
                end(session, "its VM is gone, or has crashed");
            } else if (session.until().isBefore(Instant.now())) {
                end(session, "its time was over: it might last until " + session.until());
            } else {
                used.add(session.vm());
                by(session.until());
            }
        }
        waiters.dropImpatient(Instant.now(), now.name(), trouble);
        by(waiters.soonest());
        Set<String> listed = members.stream().map(Vm::name).collect(Collectors.toSet());
        Set<String> ofBefore = new HashSet<>(book.used(now.name()));
        ofBefore.removeAll(used);
        Set<String> forgotten = new HashSet<>(ofBefore);
        forgotten.removeAll(listed);
        book.forget(forgotten);
        List<Vm> idle = new ArrayList<>();
        int coming = 0;
        for (Vm vm : members) {
            if (used.contains(vm.name()) || isGoing(vm.name())) {
                continue;
            }
            if (ofBefore.contains(vm.name())) {
                remove(vm.name()); // its session ended, and the server before it was gone
            } else if (vm.phase().isReady()) {
                idle.add(vm);
            } else if (Machines.isComing(vm)) {
                coming++;
            } else {
                remove(vm.name());
            }
        }
        synchronized (this) {
            coming +=
                    (int) making.stream().filter(name -> !listed.contains(name)).count();
        }
        slowSince.keySet().retainAll(listed);
        int slow = serve(now, idle, used);
        String shortage = supply(now, idle, used.size(), coming + slow);
        if (slow > 0) {
            by(Instant.now().plus(AGAIN));
        }
        found(slow > 0 ? "%d browsers do not answer yet".formatted(slow) : shortage);
    }

    private void end(Session session, String reason) throws InterruptedException {
        LOG.info("session {} of pool {} ends: {}", session.id(), session.pool(), reason);
        book.end(session, reason);
        remove(session.vm());
    }

    /**
     * Gives browsers to those who wait.
     *
     * @return how many may yet be well, but did not answer soon
     */
    private int serve(Pool now, List<Vm> idle, Set<String> used) throws InterruptedException {
        int slow = 0;
        while (!idle.isEmpty()) {
            Asked next = waiters.first();
            if (next == null) {
                return slow;
            }
            Optional<Session> there = book.session(next.request().id());
            if (there.isPresent()) {
                if (waiters.leave(next)) {
                    next.answer().resolve(there.get()); // asked for twice before there was one
                }
                continue;
            }
            Vm vm = idle.removeFirst();
            Health health = machines.health(vm);
            if (health.slow() && isSlowOnly(vm.name())) {
                slow++;
                continue;
            }
            slowSince.remove(vm.name());
            if (!health.isWell()) {
                LOG.warn("browser {} of pool {} is replaced: {}", vm.name(), now.name(), health.ailment());
                remove(vm.name());
                continue;
            }
            Optional<Session> given = giving.give(now, next, vm);
            if (given.isEmpty()) {
                idle.addFirst(vm);
                continue;
            }
            used.add(vm.name());
            by(given.get().until());
        }
        return slow;
    }

    /** To replace one that is slow would give the host still more to do; but not for ever. */
    private boolean isSlowOnly(String vm) {
        Instant now = Instant.now();
        return slowSince.computeIfAbsent(vm, _ -> now).isAfter(now.minus(SLOW));
    }

    /**
     * For those who wait, as many as may be; for the next ones, one at a time, when nothing else wants the processors, or
     * has wanted them for long.
     *
     * @return what there is too little of for as many; null for nothing
     */
    private @Nullable String supply(Pool now, List<Vm> idle, int used, int coming)
            throws IOException, InterruptedException {
        String shortage = "";
        int waiting = waiters.size();
        int together = idle.size() + used + coming;
        int wanted = Math.min(waiting - coming, now.most() - together);
        if (wanted <= 0 && waiting == 0 && idle.size() + coming < now.warm() && together < now.most()) {
            boolean busy = Instant.now().isBefore(lastMade.plus(BUSY_AT_MOST)) && Room.isBusy();
            wanted = coming == 0 && !busy ? 1 : 0;
            if (busy) {
                by(Instant.now().plus(AGAIN));
                shortage = coming == 0 ? BUSY : "";
            }
        }
        Instant rests = restsUntil();
        if (Instant.now().isBefore(rests)) {
            by(rests);
            return null;
        }
        for (int i = 0; i < wanted && shortage.isEmpty(); i++) {
            shortage = Room.shortage(machines.memoryMb(now) / 2);
            if (shortage.isEmpty()) {
                make(now);
                lastMade = Instant.now();
            } else {
                by(Instant.now().plus(AGAIN));
            }
        }
        for (int i = now.warm(); i < idle.size() && waiting == 0; i++) {
            remove(idle.get(i).name());
        }
        return shortage.isEmpty() ? null : shortage;
    }

    private void make(Pool now) {
        String name = Machines.newName(now);
        synchronized (this) {
            making.add(name);
        }
        try {
            machines.make(now, name)
                    .onFailure(failure -> rest(String.valueOf(failure.getMessage())))
                    .onResolve(() -> made(name));
        } catch (RuntimeException e) {
            made(name);
            throw e;
        }
    }

    /** One could not be made: the next is tried after a while. */
    private synchronized void rest(String why) {
        restsUntil = Instant.now().plus(REST);
        trouble(why);
    }

    private synchronized Instant restsUntil() {
        return restsUntil;
    }

    private synchronized void made(String name) {
        making.remove(name);
        tell();
    }

    private synchronized boolean isGoing(String vm) {
        return going.contains(vm);
    }

    private Promise<Void> remove(String vm) {
        synchronized (this) {
            going.add(vm);
        }
        try {
            return machines.delete(vm).onResolve(() -> gone(vm));
        } catch (RuntimeException e) {
            gone(vm);
            throw e;
        }
    }

    private synchronized void gone(String vm) {
        going.remove(vm);
        tell();
    }

    /** The session that somebody gives back; who waits for it waits no more. A problem where there is none. */
    Session dismiss(String id, String reason) {
        return giving.dismiss(pool(), id, reason);
    }

    /** Ends a session that somebody gives back; resolves when its VM is gone. */
    Promise<Void> release(Session session, String reason) throws InterruptedException {
        book.end(session, reason);
        return remove(session.vm());
    }
}
