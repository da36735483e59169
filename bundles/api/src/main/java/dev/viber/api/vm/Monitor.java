package dev.viber.api.vm;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.annotation.versioning.ConsumerType;

/** A connection to the hypervisor's process of one machine; closing it leaves the machine as it is. */
@ConsumerType
public interface Monitor extends AutoCloseable {
    /** Is told what happens to the machine. */
    @FunctionalInterface
    interface Listener {
        /** It happened. */
        void happened(Event event);
    }

    /** What a hypervisor tells of a machine. */
    enum Event {
        /** The guest ended itself in good order. */
        GUEST_SHUTDOWN,
        /** The hypervisor was told to end it. */
        HOST_SHUTDOWN,
        /** The guest started over. */
        RESET,
        /** The guest's kernel gave up. */
        PANIC,
        /** The hypervisor cannot go on with it. */
        INTERNAL_ERROR,
        /** The process does not talk any more: it ended, or hangs. */
        LOST
    }

    /** Whether its processors stand still. */
    enum Run {
        /** They run. */
        RUNNING,
        /** They stand still. */
        PAUSED
    }

    /** Lets a machine that was just started run; does nothing to one that runs. */
    void boot() throws IOException;

    /** Whether its processors stand still. */
    Run run() throws IOException;

    /** Makes its processors stand still. */
    void pause() throws IOException;

    /** Lets them go on. */
    void resume() throws IOException;

    /**
     * Writes all it takes to make this machine again into an empty folder. The machine stands still before and after.
     *
     * @param pid the machine's process
     * @return the names of the files, flat
     * @throws IOException where it could not; what is in the folder then is of no use, and the machine can go on
     */
    List<String> snapshot(long pid, Path folder) throws IOException, InterruptedException;

    /**
     * Makes a machine that was started with a template what that was; it stands still then, until {@link #resume}.
     *
     * @throws IOException where it could not: the machine is of no use then
     */
    void restore() throws IOException, InterruptedException;

    /** Presses the power button; the guest may take its time, or never hear it. */
    void powerButton() throws IOException;

    /** Ends the process in good order, whatever the guest makes of it. */
    void quit() throws IOException;

    /**
     * A new connection to the guest's control channel, which speaks {@link ControlLine}s; the one before ends.
     *
     * @throws IOException where the guest does not listen yet, or not any more
     */
    SocketChannel control() throws IOException;

    /**
     * A new way into the serial console; the one before ends, and each does when the machine does.
     *
     * @return null where the console of this machine takes no input
     */
    @Nullable
    Console console() throws IOException;

    @Override
    void close();
}
