package dev.viber.pools;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.Pool;
import dev.viber.api.browser.PoolDesk.Session;
import dev.viber.api.browser.PoolDesk.State;
import dev.viber.api.browser.PoolDesk.Waiting;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle.Phase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
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
    /** How long at most until it looks again though nobody told it anything: pressure and crashes are told by nobody. */
    private static final Duration LOOK = Duration.ofSeconds(2);

    private static final Duration REST = Duration.ofSeconds(5);
    private static final Duration LEAVING = Duration.ofSeconds(20);

    private record Asked(BrowserRequest request, Instant since, Instant until, Deferred<Session> answer) {}

    private final PoolBook book;
    private final Machines machines;
    private final PromiseFactory promises;
    private final ArrayDeque<Asked> queue = new ArrayDeque<>();
    private final Set<String> going = new HashSet<>();
    /** Asked for, and perhaps not in the list of VMs yet. */
    private final Set<String> making = new HashSet<>();

    private final Thread thread;
    private Pool pool;
    private boolean told;
    private boolean closed;
    private @Nullable String trouble;
    private Instant restsUntil = Instant.EPOCH;

    PoolRun(Pool pool, PoolBook book, Machines machines, PromiseFactory promises) {
        this.pool = pool;
        this.book = book;
        this.machines = machines;
        this.promises = promises;
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
        List<Asked> waiting;
        synchronized (this) {
            closed = true;
            waiting = List.copyOf(queue);
            queue.clear();
            notifyAll();
        }
        waiting.forEach(one -> one.answer().fail(new ProblemException(ProblemException.Kind.UNAVAILABLE, why)));
        thread.join(LEAVING);
    }

    synchronized Promise<Session> ask(BrowserRequest request) {
        Deferred<Session> answer = promises.deferred();
        Instant now = Instant.now();
        queue.add(new Asked(request, now, now.plus(request.patience()), answer));
        tell();
        return answer.getPromise();
    }

    State state() {
        List<Session> sessions = book.sessions(pool().name());
        Set<String> used = sessions.stream().map(Session::vm).collect(Collectors.toSet());
        List<Vm> free = machines.of(pool().name()).stream()
                .filter(vm -> !used.contains(vm.name()))
                .toList();
        synchronized (this) {
            List<Waiting> waiting = new ArrayList<>();
            for (Asked one : queue) {
                waiting.add(new Waiting(one.request().id(), waiting.size() + 1, one.since(), one.until()));
            }
            int ready = (int) free.stream()
                    .filter(vm -> vm.phase() == Phase.READY && !going.contains(vm.name()))
                    .count();
            int coming = (int) free.stream().filter(PoolRun::isComing).count();
            return new State(pool, ready, coming, sessions, waiting, trouble);
        }
    }

    private static boolean isComing(Vm vm) {
        return vm.phase() == Phase.PENDING || vm.phase() == Phase.STARTING || vm.phase() == Phase.RUNNING;
    }

    private void run() {
        while (true) {
            synchronized (this) {
                try {
                    if (!told && !closed) {
                        wait(LOOK.toMillis());
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                if (closed) {
                    return;
                }
                told = false;
            }
            try {
                look();
            } catch (ProblemException | GateShutException | IOException e) {
                trouble(e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.warn("pool {} could not be looked after", pool().name(), e);
                trouble(e.toString());
            }
        }
    }

    private synchronized void trouble(@Nullable String what) {
        if (what != null && !what.equals(trouble)) {
            LOG.info("pool {}: {}", pool.name(), what);
        }
        trouble = what;
    }

    private void look() throws InterruptedException, IOException {
        Pool now = pool();
        List<Vm> members = machines.of(now.name());
        Set<String> there = members.stream()
                .filter(vm -> vm.phase().isAlive() || vm.phase() == Phase.PENDING)
                .map(Vm::name)
                .collect(Collectors.toSet());
        Set<String> used = new HashSet<>();
        for (Session session : book.sessions(now.name())) {
            if (!there.contains(session.vm())) {
                end(session, "its VM is gone, or has crashed");
            } else if (session.until().isBefore(Instant.now())) {
                end(session, "its time was over: it might last until " + session.until());
            } else {
                used.add(session.vm());
            }
        }
        dropImpatient(Instant.now());
        List<Vm> idle = new ArrayList<>();
        int coming = 0;
        for (Vm vm : members) {
            if (used.contains(vm.name()) || isGoing(vm.name())) {
                continue;
            }
            if (vm.phase() == Phase.READY) {
                idle.add(vm);
            } else if (isComing(vm)) {
                coming++;
                machines.whenReady(vm.name(), this::tell);
            } else {
                remove(vm.name());
            }
        }
        Set<String> listed = members.stream().map(Vm::name).collect(Collectors.toSet());
        synchronized (this) {
            coming +=
                    (int) making.stream().filter(name -> !listed.contains(name)).count();
        }
        serve(now, idle, used);
        supply(now, idle, used.size(), coming);
    }

    private void end(Session session, String reason) throws InterruptedException {
        LOG.info("session {} of pool {} ends: {}", session.id(), session.pool(), reason);
        book.end(session, reason);
        remove(session.vm());
    }

    private void dropImpatient(Instant now) {
        List<Asked> gone = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Asked> each = queue.iterator(); each.hasNext(); ) {
                Asked one = each.next();
                if (one.until().isBefore(now)) {
                    each.remove();
                    gone.add(one);
                }
            }
        }
        gone.forEach(one -> one.answer()
                .fail(new ProblemException(
                        ProblemException.Kind.UNAVAILABLE,
                        "no browser of pool %s came free within %d s%s"
                                .formatted(
                                        pool().name(),
                                        one.request().patience().toSeconds(),
                                        trouble == null ? "" : ": " + trouble))));
    }

    private void serve(Pool now, List<Vm> idle, Set<String> used) throws InterruptedException {
        while (!idle.isEmpty()) {
            Asked next;
            synchronized (this) {
                next = queue.peek();
            }
            if (next == null) {
                return;
            }
            Optional<Session> there = book.session(next.request().id());
            if (there.isPresent()) {
                synchronized (this) {
                    queue.remove(next);
                }
                next.answer().resolve(there.get()); // asked for twice before there was one
                continue;
            }
            Vm vm = idle.removeFirst();
            if (!machines.isWell(vm)) {
                LOG.warn("browser {} of pool {} does not answer: it is replaced", vm.name(), now.name());
                remove(vm.name());
                continue;
            }
            Instant since = Instant.now();
            Duration limit = next.request().limit().compareTo(now.limit()) < 0
                    ? next.request().limit()
                    : now.limit();
            Session session = new Session(next.request().id(), now.name(), vm.name(), since, since.plus(limit));
            synchronized (this) {
                queue.remove(next);
            }
            try {
                next.answer().resolve(book.begin(session));
                used.add(vm.name());
            } catch (RuntimeException e) {
                next.answer().fail(e);
            }
        }
    }

    /** For those who wait, as many as may be; for the next ones, one at a time, when nothing else wants the processors. */
    private void supply(Pool now, List<Vm> idle, int used, int coming) throws IOException, InterruptedException {
        int waiting;
        synchronized (this) {
            waiting = queue.size();
        }
        int together = idle.size() + used + coming;
        int wanted = Math.min(waiting - coming, now.most() - together);
        if (wanted <= 0 && waiting == 0 && idle.size() + coming < now.warm() && together < now.most()) {
            wanted = coming == 0 && !Room.isBusy() ? 1 : 0;
        }
        if (isResting()) {
            return;
        }
        trouble(null);
        for (int i = 0; i < wanted; i++) {
            String shortage = Room.shortage(machines.memoryMb(now));
            if (!shortage.isEmpty()) {
                trouble(shortage);
                break;
            }
            make(now);
        }
        for (int i = now.warm(); i < idle.size() && waiting == 0; i++) {
            remove(idle.get(i).name());
        }
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

    private synchronized boolean isResting() {
        return Instant.now().isBefore(restsUntil);
    }

    private synchronized void made(String name) {
        making.remove(name);
        tell();
    }

    private synchronized boolean isGoing(String vm) {
        return going.contains(vm);
    }

    private Promise<Vm> remove(String vm) {
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

    /** Ends a session that somebody gives back; resolves when its VM is gone. */
    Promise<Vm> release(Session session, String reason) throws InterruptedException {
        book.end(session, reason);
        return remove(session.vm());
    }
}
