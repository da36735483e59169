package dev.viber.supervisor;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle.Phase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;

/** Those who wait for guests to be ready. */
final class Awaited {
    private final PromiseFactory promises;
    private final Map<String, List<Deferred<Vm>>> waiting = new HashMap<>();

    Awaited(PromiseFactory promises) {
        this.promises = promises;
    }

    /** Resolves at once where it is ready, or will never be. */
    Promise<Vm> ready(String name, Supplier<Vm> now) {
        Deferred<Vm> deferred = promises.deferred();
        synchronized (waiting) {
            waiting.computeIfAbsent(name, key -> new ArrayList<>()).add(deferred);
        }
        // Looked at behind the adding: what moves in between is not missed.
        moved(now.get());
        return deferred.getPromise();
    }

    /** Who asked waits no more: what it was given never resolves from now on. */
    void leave(String name, Promise<Vm> promise) {
        synchronized (waiting) {
            List<Deferred<Vm>> there = waiting.getOrDefault(name, new ArrayList<>());
            if (there.removeIf(one -> one.getPromise().equals(promise)) && there.isEmpty()) {
                waiting.remove(name);
            }
        }
    }

    /** Whoever waits still is told to ask the next supervisor. */
    void close() {
        List<Deferred<Vm>> told = new ArrayList<>();
        synchronized (waiting) {
            waiting.values().forEach(told::addAll);
            waiting.clear();
        }
        told.forEach(one -> one.fail(new CancellationException("the supervisor of VMs leaves")));
    }

    /** A VM is where it is now. */
    void moved(Vm vm) {
        boolean hopeless = (!vm.phase().isAlive() && vm.phase() != Phase.PENDING) || vm.phase() == Phase.STOPPING;
        // One that stands by was ready, and is so again for whoever comes.
        if (!vm.phase().isReady() && !hopeless) {
            return;
        }
        List<Deferred<Vm>> told;
        synchronized (waiting) {
            told = waiting.remove(vm.name());
        }
        if (told == null) {
            return;
        }
        for (Deferred<Vm> one : told) {
            if (hopeless) {
                one.fail(new ProblemException(
                        ProblemException.Kind.CONFLICT,
                        "vm %s is %s%s"
                                .formatted(vm.name(), vm.phase().word(), vm.error() == null ? "" : ": " + vm.error())));
            } else {
                one.resolve(vm);
            }
        }
    }
}
