package dev.viber.api.vm;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.util.promise.Promise;

/**
 * Where clients ask for microVMs; the supervisor stands behind it.
 *
 * <p>Promises resolve when what was asked for has happened and is durable; what was begun goes on when nobody waits for
 * it any more. They fail with a {@code ProblemException} where it cannot be.
 */
@ProviderType
public interface VmDesk {
    /**
     * How to reach what a guest serves.
     *
     * @param agent its REST
     * @param devtools its DevTools
     * @param token the guest's own: for requests to it, never to be shown
     */
    record Door(InetSocketAddress agent, InetSocketAddress devtools, String token) {
        @Override
        public String toString() {
            return "Door[%s, %s]".formatted(agent, devtools);
        }
    }

    /**
     * What came of asking for a VM.
     *
     * @param before whether it was made by an earlier call with the same key
     */
    record Made(Vm vm, boolean before) {}

    /** Which text a VM's logs are. */
    enum Log {
        /** What came out of its serial port. */
        SERIAL,
        /** What its hypervisor said. */
        HYPERVISOR
    }

    /** VMs, oldest first. */
    List<Vm> list();

    /** The VM of this name. */
    Optional<Vm> find(String name);

    /**
     * Makes a VM and brings it up; resolves when its process runs, which is before the guest is ready.
     *
     * @param idempotencyKey a second call with the same key, as long as that VM is there, answers with it as it stands then,
     *     and with a conflict where another spec was asked for; null for none
     */
    Promise<Made> create(VmSpec spec, @Nullable String idempotencyKey);

    /** The VM that was made under this idempotency key, as long as it is there, whether it came up or not. */
    Optional<Vm> findMade(String idempotencyKey);

    /** A problem where {@link #create} would refuse this, whatever else there is on the host. */
    void check(VmSpec spec);

    /** Removes a VM: when it resolves its process is dead and nothing of it is left. */
    Promise<Vm> delete(String name);

    /** Brings a VM up that does not run. */
    Promise<Vm> start(String name);

    /** Ends a VM: asks its guest, and after some seconds does not ask any more. */
    Promise<Vm> stop(String name);

    /** {@link #stop} where it runs, then {@link #start}. */
    Promise<Vm> restart(String name);

    /** Makes its processors stand still. */
    Promise<Vm> pause(String name);

    /** Lets them go on. */
    Promise<Vm> resume(String name);

    /**
     * Resolves when the guest is ready, at once where it is, or stands by; fails where it crashed, failed, or is taken down, and with a
     * {@link java.util.concurrent.CancellationException} where this desk leaves: the next one can be asked.
     */
    Promise<Vm> ready(String name);

    /** How to reach its guest, which may stand by or be paused; a problem where it does not run. */
    Door door(String name);

    /**
     * Goes in to a guest, which does not stand by until {@link #leave}: one that does is woken first, once for all who come.
     * Resolves when it can be reached; fails with a conflict where it is paused or does not run, and as unavailable where it
     * does not wake, with the reason.
     *
     * @param visit tells this visit from others; the same twice counts once. A desk that comes knows of none, and is told of
     *     those there are: {@link GuestVisits} does that
     */
    Promise<Door> enter(String name, Object visit);

    /** A visit is over; does nothing where it is not known. */
    void leave(String name, Object visit);

    /**
     * A new way into its serial console, whose output is in {@link Log#SERIAL}; the one before ends, and each does when the VM
     * does.
     *
     * @return empty where its hypervisor takes no input; a problem where it does not run
     */
    Optional<Console> console(String name);

    /** The file a log is appended to; it may not be there yet. */
    Path log(String name, Log log);
}
