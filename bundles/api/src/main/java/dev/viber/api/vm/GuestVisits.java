package dev.viber.api.vm;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.vm.VmDesk.Door;
import java.lang.reflect.InvocationTargetException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.util.promise.Promise;

/**
 * The visits of one part of the server to guests. They last while the desk is being replaced: the next one is told of them.
 *
 * <pre>{@code
 * try (GuestVisits.Visit visit = visits.enter("web-1")) { // wakes it where it stands by
 *     ask(visit.door().agent());
 * }                                                       // and from here on it may stand by again
 * }</pre>
 *
 * <p>Safe for use by several threads.
 */
public final class GuestVisits {
    /** Somebody is with a guest; closing it twice does nothing more. */
    public final class Visit implements AutoCloseable {
        private final String name;
        private final Door door;
        private final Object key;

        private Visit(String name, Door door, Object key) {
            this.name = name;
            this.door = door;
            this.key = key;
        }

        /** How to reach the guest. */
        public Door door() {
            return door;
        }

        @Override
        public void close() {
            over(new Entered(name, key));
        }
    }

    /** By identity of the key. */
    private record Entered(String name, Object key) {}

    private final Gate<VmDesk> desk;
    private final Set<Entered> there = ConcurrentHashMap.newKeySet();

    /** Visits that are told of at the desk behind this gate. */
    public GuestVisits(Gate<VmDesk> desk) {
        this.desk = desk;
    }

    /**
     * Goes in to a guest; returns when it can be reached.
     *
     * @throws ProblemException where it cannot be, with the reason
     * @throws RuntimeException as the desk failed, where that is nothing of the guest's
     */
    public Visit enter(String name) throws InterruptedException {
        Entered entered = new Entered(name, new Object());
        there.add(entered);
        boolean inside = false;
        try {
            Visit visit = new Visit(name, door(entered), entered.key());
            inside = true;
            return visit;
        } finally {
            if (!inside) {
                over(entered);
            }
        }
    }

    private Door door(Entered entered) throws InterruptedException {
        while (true) {
            Promise<Door> door = desk.call(present -> present.enter(entered.name(), entered.key()));
            try {
                return door.getValue();
            } catch (InvocationTargetException e) {
                Throwable cause = e.getCause();
                // A desk that leaves says so by cancelling: the next one is asked.
                if (!(cause instanceof CancellationException)) {
                    throw cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
                }
            }
        }
    }

    /**
     * A desk has come, behind the gate already: who is with a guest is so still, even where that cannot be reached just
     * now: one that is paused is in use when it goes on.
     */
    public void tell(VmDesk come) {
        for (Entered each : there) {
            try {
                come.enter(each.name(), each.key());
            } catch (RuntimeException e) {
                // It knows of the visit all the same, until that is over; the others are told of, too.
            }
            if (!there.contains(each)) {
                come.leave(each.name(), each.key()); // it was over in between
            }
        }
    }

    private void over(Entered entered) {
        if (there.remove(entered)) {
            desk.ifOpen(present -> present.leave(entered.name(), entered.key()));
        }
    }
}
