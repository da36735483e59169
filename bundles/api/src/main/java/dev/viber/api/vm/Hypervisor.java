package dev.viber.api.vm;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A way to run machines: says how to start a process that is one, and talks to it afterwards.
 *
 * <p>The process itself is the supervisor's: it starts it in a session of its own, watches and kills it. So a hypervisor
 * holds nothing that has to survive it, and a machine that was started by an earlier one is talked to all the same. The
 * service property {@link #NAME} tells hypervisors apart; the service ranking says which is asked first.
 */
@ConsumerType
public interface Hypervisor {
    /** The service property with its name. */
    String NAME = "hypervisor";

    /**
     * What was found on this host.
     *
     * @param accelerator {@code kvm} or {@code tcg}; null where nothing can run
     * @param version the hypervisor's own; null where it was not found
     * @param reason why it is this accelerator, or none, for people
     */
    record Probe(@Nullable String accelerator, @Nullable String version, String reason) {
        /** Whether machines can run. */
        public boolean canRun() {
            return accelerator != null;
        }
    }

    /**
     * A process to start.
     *
     * @param arguments the program first
     * @param environment beside what the server itself has
     */
    record Command(List<String> arguments, Map<String, String> environment) {}

    /** Finds out, by really booting something where that tells, what can run here; the same for one boot of the host. */
    Probe probe() throws InterruptedException;

    /**
     * What the snapshots made here are bound to beside the image: they can be restored where this is the same text.
     *
     * <pre>{@code
     * qemu 7.2.22 q35 tcg max
     * }</pre>
     *
     * @throws IOException where nothing can run here
     */
    String likeness() throws IOException, InterruptedException;

    /**
     * How to start this machine; called right before that, when no process of it is left. What an earlier one left in
     * its folder, and would be in the way, is removed.
     *
     * @throws IOException where nothing can run here, or the folder cannot be cleared
     * @throws IllegalArgumentException where this hypervisor cannot run such a machine; says why
     */
    Command command(Machine machine) throws IOException, InterruptedException;

    /**
     * Connects to the process of a machine, started just now or long ago.
     *
     * @param patience how long a process that was just started may take until it answers
     * @param events is told what happens to the machine, in order, on a thread of the monitor's
     * @throws IOException where it does not answer
     */
    Monitor attach(Machine machine, Duration patience, Monitor.Listener events)
            throws IOException, InterruptedException;
}
