package dev.viber.workloads;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.Console;
import dev.viber.api.vm.Lease;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

/** A supervisor without machines, which keeps the promises of {@link VmDesk} about rows and keys. */
final class FakeVms implements VmDesk {
    /** One for each time that the VMs were listed. */
    final Semaphore listed = new Semaphore(0);

    private final Map<String, Vm> vms = new LinkedHashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private final Consumer<String> happened;
    private long ids;
    private boolean mute;
    private @Nullable String broken;
    private int attempts;

    /** Tells each VM to which something has happened. */
    FakeVms(Consumer<String> happened) {
        this.happened = happened;
    }

    /** From now on VMs are made, and whoever asked never hears of it: as where the server is killed in between. */
    synchronized void mute(boolean now) {
        mute = now;
    }

    /** From now on no VM comes up, for this reason; null for no more. */
    synchronized void broken(@Nullable String why) {
        broken = why;
    }

    /** How often a VM was asked for. */
    synchronized int attempts() {
        return attempts;
    }

    @Override
    public synchronized List<Vm> list() {
        listed.release();
        return List.copyOf(vms.values());
    }

    @Override
    public synchronized Optional<Vm> find(String name) {
        return Optional.ofNullable(vms.get(name));
    }

    @Override
    public Promise<Made> create(VmSpec spec, @Nullable String key) {
        Promise<Made> promise = made(spec, key);
        happened.accept(spec.name());
        return promise;
    }

    private synchronized Promise<Made> made(VmSpec spec, @Nullable String key) {
        attempts++;
        String before = key == null ? null : keys.get(key);
        if (before != null) {
            return Promises.resolved(new Made(get(before), true));
        }
        if (vms.containsKey(spec.name())) {
            return Promises.failed(new ProblemException(
                    ProblemException.Kind.CONFLICT, "there is a VM named %s already".formatted(spec.name())));
        }
        Vm vm = vm(++ids, spec, broken == null ? Phase.READY : Phase.FAILED, broken);
        vms.put(spec.name(), vm);
        if (key != null) {
            keys.put(key, spec.name());
        }
        if (broken != null) {
            return Promises.failed(new ProblemException(ProblemException.Kind.UNAVAILABLE, broken));
        }
        return mute ? new Deferred<Made>().getPromise() : Promises.resolved(new Made(vm, false));
    }

    private Vm get(String name) {
        Vm vm = vms.get(name);
        if (vm == null) {
            throw ProblemException.notFound("vm", name);
        }
        return vm;
    }

    private static Vm vm(long id, VmSpec spec, Phase phase, @Nullable String error) {
        Instant now = Instant.now();
        return new Vm(
                id, spec, phase, null, new Lease("10.0.0.9"), null, null, null, error, Map.of(), now, now, now, null);
    }

    @Override
    public synchronized Optional<Vm> findMade(String key) {
        return Optional.ofNullable(keys.get(key)).map(vms::get);
    }

    @Override
    public void check(VmSpec spec) {
        if (spec.cpuCores() < 1) {
            throw new ProblemException(ProblemException.Kind.INVALID, "cpu_cores is " + spec.cpuCores());
        }
    }

    @Override
    public Promise<Vm> delete(String name) {
        Vm last;
        synchronized (this) {
            last = get(name);
            vms.remove(name);
            keys.values().remove(name);
        }
        happened.accept(name);
        return Promises.resolved(last);
    }

    /** Something befalls a VM. */
    void turn(String name, Phase phase, @Nullable String error) {
        synchronized (this) {
            Vm was = get(name);
            vms.put(name, vm(was.id(), was.spec(), phase, error));
        }
        happened.accept(name);
    }

    @Override
    public Promise<Vm> start(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Promise<Vm> stop(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Promise<Vm> restart(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Promise<Vm> pause(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Promise<Vm> resume(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Promise<Vm> ready(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Door door(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Promise<Door> enter(String name, Object visit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void leave(String name, Object visit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Console> console(String name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Path log(String name, Log log) {
        throw new UnsupportedOperationException();
    }
}
