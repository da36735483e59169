package dev.viber.supervisor;

import dev.viber.api.vm.VmLifecycle.Phase;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is with which guest, and since when nobody is. A machine that is ready and has a standby time has one timer at most;
 * a visit costs it nothing, and when it rings early it is set to what is left.
 */
final class Idleness {
    /** Rings once, after this time; what it returns keeps it from doing so. */
    @FunctionalInterface
    interface Timer {
        Runnable set(Duration time, Runnable ring);
    }

    private static final class Guest {
        private final Set<Object> visits = new HashSet<>();
        /** How long nobody is with it before it stands by; null while it is not to. */
        private @Nullable Duration standby;

        private long left;
        private boolean asleep;
        private @Nullable Runnable timer;
    }

    private final LongSupplier clock;
    private final Timer timer;
    private final Consumer<String> idle;
    private final Map<String, Guest> guests = new HashMap<>();
    private boolean closed;

    /**
     * Nobody is with anybody.
     *
     * @param clock in ns
     * @param idle is told of each machine that nobody has used for its standby time; it asks {@link #fallAsleep} then
     */
    Idleness(LongSupplier clock, Timer timer, Consumer<String> idle) {
        this.clock = clock;
        this.timer = timer;
        this.idle = idle;
    }

    /** Somebody goes in; true where it sleeps, or is about to: then it has to be woken. */
    synchronized boolean enter(String name, Object visit) {
        Guest guest = guests.computeIfAbsent(name, key -> new Guest());
        guest.visits.add(visit);
        return guest.asleep;
    }

    /** Somebody left. */
    synchronized void leave(String name, Object visit) {
        Guest guest = guests.get(name);
        if (guest == null || !guest.visits.remove(visit)) {
            return;
        }
        guest.left = clock.getAsLong();
        if (guest.standby != null) {
            watch(name, guest);
        } else if (guest.visits.isEmpty() && !guest.asleep) {
            guests.remove(name);
        }
    }

    /**
     * A machine is in this phase now.
     *
     * @param standby its standby time; null for none
     */
    synchronized void moved(String name, Phase phase, @Nullable Duration standby) {
        if (closed) {
            return;
        }
        Guest guest = guests.get(name);
        switch (phase) {
            case READY -> {
                if (guest == null && standby == null) {
                    return;
                }
                Guest ready = guest == null ? new Guest() : guest;
                guests.put(name, ready);
                ready.asleep = false;
                ready.standby = standby;
                ready.left = clock.getAsLong();
                watch(name, ready);
            }
            // One that wakes can be reached when it says that it is ready.
            case STANDBY -> quiet(guests.computeIfAbsent(name, key -> new Guest())).asleep = true;
            case RUNNING -> {
                if (guest != null) {
                    quiet(guest);
                }
            }
            default -> {
                if (guest != null) {
                    quiet(guest).asleep = false;
                }
                if (!phase.isAlive() || (guest != null && guest.visits.isEmpty())) {
                    guests.remove(name);
                }
            }
        }
    }

    private static Guest quiet(Guest guest) {
        guest.standby = null;
        if (guest.timer != null) {
            guest.timer.run();
            guest.timer = null;
        }
        return guest;
    }

    private void watch(String name, Guest guest) {
        Duration standby = guest.standby;
        if (standby == null || guest.timer != null || !guest.visits.isEmpty()) {
            return;
        }
        Duration left = standby.minusNanos(clock.getAsLong() - guest.left);
        guest.timer = timer.set(left, () -> rings(name, guest));
    }

    private void rings(String name, Guest guest) {
        synchronized (this) {
            guest.timer = null;
            if (!isIdle(guest)) {
                watch(name, guest); // somebody was there meanwhile, or is: then the leaving sets it
                return;
            }
        }
        idle.accept(name);
    }

    private boolean isIdle(Guest guest) {
        Duration standby = guest.standby;
        return standby != null && guest.visits.isEmpty() && clock.getAsLong() - guest.left >= standby.toNanos();
    }

    /** Whether nobody has come meanwhile; if so, whoever comes from now on has to wake it. */
    synchronized boolean fallAsleep(String name) {
        Guest guest = guests.get(name);
        if (guest == null) {
            return false;
        }
        if (isIdle(guest)) {
            guest.asleep = true;
            return true;
        }
        watch(name, guest);
        return false;
    }

    /** It could not fall asleep after all; it may try again after its time. */
    synchronized void staysAwake(String name) {
        Guest guest = guests.get(name);
        if (guest != null) {
            guest.asleep = false;
            guest.left = clock.getAsLong();
            watch(name, guest);
        }
    }

    /** No timer rings any more. */
    synchronized void close() {
        closed = true;
        guests.values().forEach(Idleness::quiet);
        guests.clear();
    }
}
