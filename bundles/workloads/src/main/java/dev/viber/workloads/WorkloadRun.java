package dev.viber.workloads;

import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.StoreException;
import dev.viber.api.store.Workloads.ReplicaRow;
import dev.viber.api.store.Workloads.WorkloadRow;
import dev.viber.api.vm.Room;
import dev.viber.api.vm.Vm;
import dev.viber.api.workload.ReplicaLifecycle.Phase;
import dev.viber.api.workload.Workload;
import dev.viber.api.workload.WorkloadDesk.State;
import dev.viber.workloads.WorkloadBook.Seen;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One workload: brings what there is to what is wanted whenever something has happened, on one thread of its own.
 *
 * <p>Each look writes down the next steps of its replicas, and begins what they ask for: a VM is made under a key of its
 * replica, so that one made by a server that was killed before it could note it is found, and not made twice.
 */
final class WorkloadRun {
    private static final Logger LOG = LoggerFactory.getLogger(WorkloadRun.class);
    /** Until it looks again where the host has no room, or something failed: the end of that is told by nobody. */
    private static final Duration REST = Duration.ofSeconds(5);

    private static final Duration LEAVING = Duration.ofSeconds(20);

    private final String name;
    private final WorkloadBook book;
    private final Replicas replicas;
    private final PromiseFactory promises;
    private final Set<Integer> busy = new HashSet<>();
    private final List<Deferred<State>> waiting = new ArrayList<>();
    private final Deferred<State> gone;
    private final Thread thread;
    private boolean isMaking;
    private boolean told = true;
    private boolean closed;
    private @Nullable String trouble;
    private @Nullable Instant wake;
    private Instant lastMade = Instant.EPOCH;
    /** Until then nothing is begun: something has failed, whose own events would begin it at once again. */
    private Instant restsUntil = Instant.EPOCH;

    WorkloadRun(String name, WorkloadBook book, Replicas replicas, PromiseFactory promises) {
        this.name = name;
        this.book = book;
        this.replicas = replicas;
        this.promises = promises;
        gone = promises.deferred();
        thread = Thread.ofVirtual().name("workload-" + name).start(this::run);
    }

    /** Something has happened. */
    synchronized void tell() {
        told = true;
        notifyAll();
    }

    /** Something has happened to this VM. */
    void tell(String vm) {
        if (vm.startsWith(name + "-")) {
            tell();
        }
    }

    /** Resolves when nothing is left of it. */
    Promise<State> gone() {
        return gone.getPromise();
    }

    /** Resolves when it is what is wanted; see {@code WorkloadDesk}. */
    Promise<State> settled() {
        Deferred<State> one = promises.deferred();
        synchronized (this) {
            if (closed) {
                return promises.failed(new CancellationException("the keeper of workloads leaves"));
            }
            waiting.add(one);
        }
        tell();
        return one.getPromise();
    }

    /** Looks after it no longer; what is under way goes on, and is taken up by the next one. */
    void close() throws InterruptedException {
        List<Deferred<State>> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(waiting);
            waiting.clear();
            notifyAll();
        }
        left.forEach(one -> one.fail(new CancellationException("the keeper of workloads leaves")));
        thread.join(LEAVING);
        if (!gone.getPromise().isDone()) {
            gone.fail(new ProblemException(
                    ProblemException.Kind.UNAVAILABLE, "the keeper of workloads leaves; ask again"));
        }
    }

    /** As it is now; empty where it is gone. */
    Optional<State> state() {
        String what;
        synchronized (this) {
            what = trouble;
        }
        return book.find(name).map(seen -> Shown.state(seen, replicas.byId(), what));
    }

    private void run() {
        try {
            while (awaitNews()) {
                try {
                    if (!look()) {
                        return;
                    }
                } catch (ProblemException | GateShutException | StoreException | IOException e) {
                    rest(String.valueOf(e.getMessage()));
                } catch (RuntimeException e) {
                    LOG.warn("workload {} could not be looked after", name, e);
                    rest(e.toString());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until something has happened, or the time has come; false where it is closed. */
    private synchronized boolean awaitNews() throws InterruptedException {
        while (!told && !closed) {
            Instant until = wake;
            long left =
                    until == null ? 0 : Duration.between(Instant.now(), until).toMillis();
            if (until != null && left <= 0) {
                break;
            }
            wait(left); // 0: for ever
        }
        told = false;
        wake = null;
        return !closed;
    }

    private synchronized void rest(String what) {
        trouble(what);
        restsUntil = Instant.now().plus(REST);
        wakeAt(restsUntil);
    }

    private synchronized boolean isResting() {
        boolean resting = Instant.now().isBefore(restsUntil);
        if (resting) {
            wakeAt(restsUntil);
        }
        return resting;
    }

    private synchronized void trouble(@Nullable String what) {
        if (what != null && !plain(what).equals(plain(trouble))) {
            LOG.info("workload {}: {}", name, what);
        }
        trouble = what;
    }

    /** Without its figures: those of a shortage are others at each look, and it is said once. */
    private static String plain(@Nullable String what) {
        return what == null ? "" : what.replaceAll("\\d+", "");
    }

    /** What a look has found; where something has failed meanwhile, that is told. */
    private synchronized void found(@Nullable String what) {
        if (!isResting()) {
            trouble(what);
        }
    }

    private synchronized void wakeAt(Instant when) {
        if (wake == null || when.isBefore(wake)) {
            wake = when;
        }
    }

    /** False where there is nothing to look after any more. */
    private boolean look() throws InterruptedException, IOException {
        Set<Integer> busyNow;
        List<Deferred<State>> asked;
        synchronized (this) {
            busyNow = Set.copyOf(busy); // first: what is done by now is in the rows
            asked = List.copyOf(waiting); // and so is what they changed before they asked
        }
        Seen seen = book.find(name).orElse(null);
        if (seen == null) {
            return false;
        }
        // The rows first: a VM that one of them names was there before it was written.
        Map<Long, Vm> vms = replicas.byId();
        Plan plan = Plan.of(seen.row(), seen.replicas(), vms, busyNow);
        if (!plan.isEmpty()) {
            book.apply(seen.row(), plan);
            tell();
            return true;
        }
        if (seen.row().isLeaving() && seen.replicas().isEmpty()) {
            return end(seen);
        }
        answer(asked, seen, vms);
        if (isResting()) {
            return true;
        }
        for (ReplicaRow replica : seen.replicas()) {
            if ((replica.phase() == Phase.LOST || replica.phase() == Phase.LEAVING)
                    && !busyNow.contains(replica.number())) {
                begin(replica.number(), false, () -> clear(seen.row(), replica));
            }
        }
        found(supply(seen, vms, busyNow));
        return true;
    }

    private boolean end(Seen seen) throws InterruptedException {
        State last = Shown.state(seen, Map.of(), null);
        book.gone(seen.row());
        gone.resolve(last);
        List<Deferred<State>> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(waiting);
            waiting.clear();
        }
        left.forEach(one -> one.fail(
                new ProblemException(ProblemException.Kind.CONFLICT, "workload %s was deleted".formatted(name))));
        return false;
    }

    /**
     * The next replica that is wanted, if it may be made now: one at a time, and slowly where others want the
     * processors.
     *
     * @return what there is too little of for it; null for nothing
     */
    private @Nullable String supply(Seen seen, Map<Long, Vm> vms, Set<Integer> busyNow) throws IOException {
        ReplicaRow next = null;
        Instant now = Instant.now();
        for (ReplicaRow replica : seen.replicas()) {
            if (replica.phase() != Phase.WANTED || busyNow.contains(replica.number())) {
                continue;
            }
            Instant notBefore = replica.notBefore();
            if (notBefore != null && notBefore.isAfter(now)) {
                wakeAt(notBefore);
            } else if (next == null) {
                next = replica;
            }
        }
        synchronized (this) {
            if (next == null || isMaking) {
                return null; // when that is done it is told
            }
        }
        Workload workload = seen.workload();
        int coming = (int) seen.replicas().stream()
                .filter(replica -> replica.phase() == Phase.UP && Shown.isComing(Plan.vm(replica, vms)))
                .count();
        // What those on their way will take is not taken yet.
        String shortage = Room.shortage(replicas.memoryMb(workload.template()) * (coming + 1));
        if (!shortage.isEmpty()) {
            wakeAt(now.plus(REST));
            return shortage;
        }
        Instant rested = lastMade.plus(REST);
        if (coming > 0 && rested.isAfter(now) && Room.isBusy()) {
            wakeAt(rested);
            return null;
        }
        lastMade = now;
        int number = next.number();
        begin(number, true, () -> make(seen.row(), workload, number));
        return null;
    }

    private interface Deed {
        void run() throws InterruptedException;
    }

    /** Does something about a replica, which is left alone until that is done. */
    private void begin(int number, boolean making, Deed deed) {
        synchronized (this) {
            busy.add(number);
            isMaking |= making;
        }
        Thread.ofVirtual().name("workload-%s-%d".formatted(name, number)).start(() -> {
            try {
                deed.run();
                done(number, making);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.info("replica {} of workload {}: {}", number, name, e.getMessage());
                failed(number, making, String.valueOf(e.getMessage()));
            }
        });
    }

    private synchronized void done(int number, boolean making) {
        busy.remove(number);
        isMaking &= !making;
        tell();
    }

    /** It is tried again after a while, as whatever else is to be done. */
    private synchronized void failed(int number, boolean making, String why) {
        busy.remove(number);
        isMaking &= !making;
        rest(why);
        notifyAll();
    }

    private void make(WorkloadRow row, Workload workload, int number) throws InterruptedException {
        String key = Replicas.key(row, number);
        try {
            book.made(row, number, replicas.make(workload, number, key));
        } catch (ProblemException | GateShutException e) {
            // One that did not come up is there nevertheless, and is seen to have failed; else nothing came of it.
            Optional<Vm> left = replicas.findMade(key);
            if (left.isPresent()) {
                book.made(row, number, left.get());
            } else {
                book.failed(row, number, String.valueOf(e.getMessage()));
            }
        }
    }

    private void clear(WorkloadRow row, ReplicaRow replica) throws InterruptedException {
        replicas.remove(replica, Replicas.key(row, replica.number()));
        book.cleared(row, replica.number());
    }

    /** Those who wait for it to be what is wanted. */
    private void answer(List<Deferred<State>> asked, Seen seen, Map<Long, Vm> vms) {
        if (asked.isEmpty()) {
            return;
        }
        State now = Shown.state(seen, vms, null);
        String hopeless = Shown.hopeless(seen);
        boolean settled = !now.isLeaving()
                && now.ready() == now.workload().replicas()
                && now.replicas().size() == now.ready();
        if (settled) {
            answered(asked).forEach(one -> one.resolve(now));
        } else if (hopeless != null) {
            answered(asked).forEach(one -> one.fail(new ProblemException(ProblemException.Kind.CONFLICT, hopeless)));
        }
    }

    /** Those of them who wait still, and no longer from now on; the others were told that the keeper leaves. */
    private synchronized List<Deferred<State>> answered(List<Deferred<State>> asked) {
        List<Deferred<State>> left = asked.stream().filter(waiting::contains).toList();
        waiting.removeAll(left);
        return left;
    }
}
