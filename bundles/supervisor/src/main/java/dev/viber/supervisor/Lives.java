package dev.viber.supervisor;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Console;
import dev.viber.api.vm.Monitor;
import dev.viber.api.vm.Network;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk;
import dev.viber.api.vm.VmDesk.Log;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmLifecycle.Trigger;
import dev.viber.api.vm.VmSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is done to VMs: one thing at a time to each, in the order asked for. */
final class Lives implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lives.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Duration LEAVING = Duration.ofSeconds(30);

    private final SupervisorSettings settings;
    private final VmBook book;
    private final Gate<Network> network;
    private final Snapshots snapshots;
    private final Launch launch;
    private final Guests guests;
    private final Adoption adoption;
    private final Watch watch = new Watch();
    private final Awaited awaited;
    private final Stillness stillness;
    private final Lanes lanes = new Lanes();
    private final Map<String, Running> running = new ConcurrentHashMap<>();
    private final Restarts restarts;
    private final Launch.Ears ears = new Launch.Ears() {
        @Override
        public void ended(Running one) {
            one.over();
            Lives.this.ended(one);
        }

        @Override
        public void happened(Running one, Monitor.Event event) {
            one.happened(event);
            if (event == Monitor.Event.RESET) {
                // A guest's own end where there is no power to cut; a hypervisor that starts it over is told not to.
                Thread.ofVirtual().name("vm-reset").start(() -> Endings.quit("that reset itself", one));
            }
        }
    };
    private volatile boolean closed;

    Lives(
            SupervisorSettings settings,
            VmBook book,
            Gate<Network> network,
            Hypervisors hypervisors,
            Images images,
            Snapshots snapshots,
            PromiseFactory promises,
            Function<VmRow, VmDesk.Door> doors) {
        this.settings = settings;
        this.book = book;
        this.network = network;
        this.snapshots = snapshots;
        launch = new Launch(settings, book, network, hypervisors, images, snapshots, watch);
        guests = new Guests(this, book, network, snapshots, Duration.ofMillis(settings.ready_ms()));
        adoption = new Adoption(this, book, hypervisors, guests, settings, ears);
        awaited = new Awaited(promises);
        restarts = new Restarts(this, book);
        stillness = new Stillness(this, book, doors);
    }

    Path log(String name, Log log) {
        return launch.log(name, log);
    }

    /** A way into the console of a VM; empty where it takes no input. */
    Optional<Console> console(VmRow row) {
        String name = row.name();
        if (!row.phase().isAlive()) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "vm %s is %s: its console is shut"
                            .formatted(name, row.phase().word()));
        }
        Running one = running.get(name);
        Monitor monitor = one == null ? null : one.monitor();
        if (monitor == null) {
            return Optional.empty(); // it runs, and its hypervisor cannot be talked to
        }
        try {
            return Optional.ofNullable(monitor.console());
        } catch (IOException e) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE,
                    "the console of vm %s does not open: %s".formatted(name, e.getMessage()));
        }
    }

    Launch launch() {
        return launch;
    }

    /**
     * A VM that boots, or begins as a snapshot.
     *
     * @param key it was asked for with; null for none
     * @param template the snapshot, which has been checked; null for a VM that boots
     */
    VmDesk.Made create(VmSpec spec, @Nullable String key, Snapshots.@Nullable Template template)
            throws InterruptedException {
        return lanes.in(spec.name(), () -> {
            Long origin = template == null ? null : template.row().id();
            VmBook.Entered entered = book.create(spec, key, network.call(Network::plan), newToken(), origin);
            VmRow row = entered.before() ? entered.row() : begin(entered.row(), template);
            return new VmDesk.Made(VmEdit.shown(row), entered.before());
        });
    }

    private static String newToken() {
        byte[] secret = new byte[32];
        RANDOM.nextBytes(secret);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /** Rows of VMs that are to begin as this snapshot: all or none. They are {@code pending}, to be brought {@link #up}. */
    void prepare(List<VmSpec> specs, long origin) throws InterruptedException {
        book.createAll(specs, network.call(Network::plan), Lives::newToken, origin);
    }

    /** The process of a VM that is up. */
    Running alive(VmRow row) {
        Running one = running.get(row.name());
        if (one == null || !row.phase().isAlive() || row.phase() == Phase.STARTING || row.phase() == Phase.STOPPING) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "vm %s is %s: wanted one that runs"
                            .formatted(row.name(), row.phase().word()));
        }
        return one;
    }

    Vm start(String name) throws InterruptedException {
        return lanes.in(name, () -> VmEdit.shown(up(name)));
    }

    /** Out of any phase in which it does not run; the caller holds the lane. */
    VmRow up(String name) throws InterruptedException {
        return begin(book.move(name, Trigger.LAUNCH, edit -> edit.error(null).process(null)));
    }

    /** Goes on where a VM is {@code starting}; the caller holds the lane. */
    VmRow begin(VmRow row) throws InterruptedException {
        return begin(row, null);
    }

    private VmRow begin(VmRow row, Snapshots.@Nullable Template checked) throws InterruptedException {
        String name = row.name();
        Running one;
        try {
            one = launch.start(row, checked, ears);
        } catch (ProblemException e) {
            moved(book.move(
                    name, Trigger.FAIL, edit -> edit.error(e.getMessage()).process(null)));
            throw e;
        }
        running.put(name, one);
        VmRow up = moved(book.move(name, Trigger.LAUNCHED, edit -> {}));
        if (diedBefore(up, one)) {
            return book.get(name);
        }
        guests.listen(up, one);
        goOnAsItself(up, one);
        expect(name, one);
        return up;
    }

    /** A machine made from a snapshot stands still until it is told who it is. */
    private static void goOnAsItself(VmRow row, Running one) {
        Monitor monitor = one.monitor();
        if (row.origin() != null && monitor != null) {
            try {
                monitor.resume();
            } catch (IOException e) {
                LOG.warn("vm {} does not go on: {}", row.name(), e.getMessage());
            }
        }
    }

    /** Whether the process was dead before it was known as this VM's, so that nobody has told of its end. */
    boolean diedBefore(VmRow row, Running one) throws InterruptedException {
        boolean dead = one.awaitEnd(Duration.ZERO) && running.remove(row.name(), one);
        if (dead) {
            died(row, Launch.ending(one), one.told());
        }
        return dead;
    }

    /** The process is still this VM's. */
    boolean isCurrent(String name, Running one) {
        return Objects.equals(running.get(name), one);
    }

    /** The process is this VM's no more; false where it was not. */
    boolean forget(String name, Running one) {
        return running.remove(name, one);
    }

    /** Its guest came up: the next crash is the first. */
    void isWell(String name) {
        restarts.forget(name);
    }

    boolean isClosed() {
        return closed;
    }

    Vm stop(String name) throws InterruptedException {
        return lanes.in(name, () -> {
            VmRow row = moved(book.move(name, Trigger.STOP, edit -> {}));
            return VmEdit.shown(row.phase() == Phase.STOPPING ? down(row) : row);
        });
    }

    /** Ends a process: asks the guest, then the hypervisor, then nobody; the caller holds the lane. */
    VmRow down(VmRow row) throws InterruptedException, IOException {
        String name = row.name();
        Running one = running.get(name);
        if (one != null) {
            Endings.end(name, one, Duration.ofMillis(settings.stop_ms()));
            running.remove(name, one);
        } else {
            launch.end(row);
        }
        launch.clear(row);
        return moved(book.move(name, Trigger.EXITED, edit -> edit.process(null)));
    }

    Vm restart(String name) throws InterruptedException {
        return lanes.in(name, () -> {
            if (book.get(name).phase().isAlive()) {
                down(moved(book.move(name, Trigger.STOP, edit -> {})));
            }
            return VmEdit.shown(up(name));
        });
    }

    Vm delete(String name) throws InterruptedException {
        return lanes.in(name, () -> away(moved(book.move(name, Trigger.DELETE, edit -> {}))));
    }

    /** Process first, then tap and files, then row and address; the caller holds the lane. */
    Vm away(VmRow row) throws InterruptedException, IOException {
        Running one = running.get(row.name());
        if (one != null) {
            one.kill();
            running.remove(row.name(), one);
        } else {
            launch.end(row);
        }
        launch.clearAll(row);
        restarts.forget(row.name());
        VmRow last = book.get(row.name());
        Vm gone = book.gone(row.name(), Duration.ofMillis(settings.quarantine_ms()));
        stillness.gone(gone.name());
        awaited.moved(gone);
        if (last.origin() != null) {
            snapshots.sweep();
        }
        return gone;
    }

    Promise<Vm> ready(String name) {
        return awaited.ready(name, () -> VmEdit.shown(book.get(name)));
    }

    void waitsNoMore(String name, Promise<Vm> ready) {
        awaited.leave(name, ready);
    }

    /** From now on its guest has to announce itself in time. */
    void expect(String name, Running one) {
        guests.expect(name, one, Duration.ofMillis(settings.ready_ms()));
    }

    /** A process is dead. Where somebody ends it on purpose, that one goes on; else it is a crash, or the guest's own end. */
    private void ended(Running one) {
        running.forEach((name, current) -> {
            if (current.equals(one)) {
                lanes.aside("end", name, () -> {
                    if (running.remove(name, one)) {
                        died(book.get(name), Launch.ending(one), one.told());
                    }
                    return true;
                });
            }
        });
    }

    /** The process of a VM is dead without anybody's will; the caller holds the lane. */
    void died(VmRow row, Trigger how, String told) throws InterruptedException {
        if (!row.phase().isAlive()) {
            return;
        }
        String why = launch.withConsole(row, "its process ended; " + told);
        launch.clear(row);
        Trigger trigger = row.phase() == Phase.STARTING ? Trigger.FAIL : how;
        VmRow dead = moved(book.move(
                row.name(), trigger, edit -> edit.process(null).error(trigger == Trigger.EXITED ? null : why)));
        restarts.crashed(dead);
    }

    Restarts restarts() {
        return restarts;
    }

    /** Takes up what an earlier server left; see {@link Recovery}. */
    void recover() throws InterruptedException {
        snapshots.recover();
        new Recovery(this, adoption, book, network).run();
    }

    /** A hypervisor has come: machines of it that nobody talks to are talked to again. */
    void reconnect(String hypervisor) {
        running.forEach((name, one) -> adoption.reconnect(hypervisor, name, one));
    }

    /** The process of this VM; null where it has none. */
    @Nullable
    Running process(String name) {
        return running.get(name);
    }

    /** A process of an earlier server is this VM's. */
    void take(String name, Running one) {
        running.put(name, one);
    }

    VmRow moved(VmRow row) {
        stillness.moved(row);
        awaited.moved(VmEdit.shown(row));
        return row;
    }

    /** Those that are paused, or stand by. */
    Stillness stillness() {
        return stillness;
    }

    Lanes lanes() {
        return lanes;
    }

    /** Finishes what is under way, and lets go of every machine; they run on, and the next supervisor finds them. */
    @Override
    public void close() {
        stillness.close();
        lanes.close(LEAVING);
        closed = true;
        awaited.close();
        watch.close();
        running.values().forEach(Running::disconnect);
        running.clear();
    }
}
