package dev.viber.supervisor;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.vm.Monitor;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmDesk.Door;
import dev.viber.api.vm.VmLifecycle;
import dev.viber.api.vm.VmLifecycle.Phase;
import dev.viber.api.vm.VmLifecycle.Trigger;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Machines that stand still: paused by somebody, until they are resumed, or standing by since nobody used them, until
 * somebody does.
 */
final class Stillness implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Stillness.class);
    private static final Duration AWAKE = Duration.ofSeconds(20);

    private final Lives lives;
    private final VmBook book;
    private final Function<VmRow, Door> doors;
    private final ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("vm-standby").factory());
    private final Idleness idleness = new Idleness(System::nanoTime, this::after, this::idle);

    /**
     * None stands still yet.
     *
     * @param doors how to reach a VM's guest
     */
    Stillness(Lives lives, VmBook book, Function<VmRow, Door> doors) {
        this.lives = lives;
        this.book = book;
        this.doors = doors;
    }

    private Runnable after(Duration time, Runnable ring) {
        ScheduledFuture<?> future = timers.schedule(ring, time.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    /** A VM is where it is now. */
    void moved(VmRow row) {
        idleness.moved(row.name(), row.phase(), VmEdit.shown(row).spec().standby());
    }

    void gone(String name) {
        idleness.moved(name, Phase.DELETED, null);
    }

    /** From now on it counts who uses a VM; those that an earlier server left are ready, or stand by, already. */
    void open() {
        book.list().forEach(this::moved);
    }

    VmRow pause(String name) throws InterruptedException {
        return lives.lanes().in(name, () -> turn(name, Trigger.PAUSE, edit -> {}, Monitor::pause));
    }

    VmRow resume(String name) throws InterruptedException {
        return lives.lanes().in(name, () -> goOn(name));
    }

    /** The caller holds the lane. */
    private VmRow goOn(String name) throws InterruptedException, IOException {
        Running one = lives.process(name);
        boolean wasReady = book.get(name).readyAt() != null;
        VmRow row = turn(name, Trigger.RESUME, edit -> edit.error(null), monitor -> {
            monitor.resume();
            if (wasReady && one != null) {
                Guests.setClock(name, one);
            }
        });
        if (one != null) {
            lives.expect(name, one);
        }
        // Whether its guest is ready was known before, and it is asked again.
        GuestControl control = one == null ? null : one.control();
        if (control != null) {
            control.say("hello", Map.of());
        }
        return row;
    }

    private interface Turn {
        void apply(Monitor monitor) throws IOException, InterruptedException;
    }

    private VmRow turn(String name, Trigger trigger, Consumer<VmEdit> edit, Turn turn)
            throws InterruptedException, IOException {
        VmRow row = book.get(name);
        Phase next = VmLifecycle.TABLE.find(row.phase(), trigger).orElse(null);
        if (next == null) {
            return book.move(name, trigger, edit); // which says why not
        }
        if (isStill(row.phase()) && isStill(next)) {
            return lives.moved(book.move(name, trigger, edit));
        }
        Running one = lives.process(name);
        Monitor monitor = one == null ? null : one.monitor();
        if (monitor == null) {
            throw new ProblemException(
                    ProblemException.Kind.UNAVAILABLE, "the hypervisor of vm %s cannot be reached".formatted(name));
        }
        turn.apply(monitor);
        boolean written = false;
        try {
            VmRow moved = book.move(name, trigger, edit);
            written = true;
            return lives.moved(moved);
        } finally {
            if (!written && isStill(next)) {
                monitor.resume(); // its guest said something meanwhile, or the store is gone: the row says that it runs
            }
        }
    }

    /** Whether the processors of a machine in this phase stand still. */
    static boolean isStill(Phase phase) {
        return phase == Phase.PAUSED || phase == Phase.STANDBY;
    }

    private void idle(String name) {
        lives.lanes().aside("standby", name, () -> {
            Duration standby;
            try {
                standby = book.find(name)
                        .filter(row -> row.phase() == Phase.READY)
                        .map(row -> VmEdit.shown(row).spec().standby())
                        .orElse(null);
            } catch (RuntimeException e) {
                idleness.staysAwake(name); // the store is away: its timer has rung, and no other would be set
                throw e;
            }
            if (standby == null || !idleness.fallAsleep(name)) {
                return false;
            }
            boolean sleeps = false;
            try {
                turn(
                        name,
                        Trigger.IDLE,
                        edit -> edit.because("nobody used it for %d s".formatted(standby.toSeconds())),
                        Monitor::pause);
                sleeps = true;
            } finally {
                if (!sleeps) {
                    idleness.staysAwake(name);
                }
            }
            return true;
        });
    }

    /** Somebody goes in; true where {@link #wake} has to follow. */
    boolean enter(String name, Object visit) {
        return idleness.enter(name, visit) || book.get(name).phase() == Phase.STANDBY;
    }

    void leave(String name, Object visit) {
        idleness.leave(name, visit);
    }

    /** Returns when the guest can be reached. */
    Door wake(String name) throws InterruptedException {
        try {
            lives.lanes().in(name, () -> book.get(name).phase() == Phase.STANDBY ? goOn(name) : null);
            if (isReachable(book.get(name))) {
                awaitReady(name);
            }
            return door(name);
        } catch (ProblemException e) {
            throw isReachable(book.get(name)) ? unavailable(name, String.valueOf(e.getMessage())) : e;
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof CancellationException leaves) {
                throw leaves;
            }
            if (e.getCause() instanceof TimeoutException) {
                throw unavailable(name, "its guest does not answer within %d s".formatted(AWAKE.toSeconds()));
            }
            Throwable cause = e.getCause();
            throw unavailable(name, String.valueOf(cause == null ? e : cause.getMessage()));
        }
    }

    private void awaitReady(String name) throws InterruptedException, InvocationTargetException {
        Promise<Vm> ready = lives.ready(name);
        try {
            ready.timeout(AWAKE.toMillis()).getValue();
        } finally {
            lives.waitsNoMore(name, ready);
        }
    }

    private static ProblemException unavailable(String name, String why) {
        LOG.warn("vm {} stood by and does not wake: {}", name, why);
        return new ProblemException(
                ProblemException.Kind.UNAVAILABLE, "vm %s stood by and does not wake: %s".formatted(name, why));
    }

    private static boolean isReachable(VmRow row) {
        return row.phase().isAlive() && row.phase() != Phase.PAUSED;
    }

    /** How to reach its guest, where that answers. */
    Door door(String name) {
        VmRow row = book.get(name);
        if (row.phase() == Phase.PAUSED) {
            throw new ProblemException(
                    ProblemException.Kind.CONFLICT,
                    "vm %s is paused: its guest cannot be reached until it is resumed".formatted(name));
        }
        return doors.apply(row);
    }

    /** Nobody stands by any more by this server; those who do go on with that. */
    @Override
    public void close() {
        idleness.close();
        timers.shutdownNow();
    }
}
