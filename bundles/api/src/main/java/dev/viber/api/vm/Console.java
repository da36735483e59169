package dev.viber.api.vm;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A way into the serial console of a machine, for what is typed; what it prints is in {@link Machine#serial}. */
public interface Console extends AutoCloseable {
    /** Why one ended. */
    enum End {
        /** Another was opened. */
        ELSEWHERE,
        /** The machine ended, or whoever supervises it lets go of it. */
        LET_GO,
        /** Who had it closed it. */
        LEFT
    }

    /**
     * Hands all of this on; waits while the guest does not read and much of it waits already. What was handed on is read
     * although the console is closed meanwhile.
     *
     * @throws IOException where the console has ended
     */
    void type(ByteBuffer bytes) throws IOException;

    /** Waits for the end, and tells why it came. */
    End awaitEnd() throws InterruptedException;

    @Override
    void close();
}
