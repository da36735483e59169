package dev.viber.tool.file;

import dev.viber.api.tool.ToolContext;
import java.util.Map;

/** Counts what a long call has done, tells of it now and then, and ends it where it was cancelled. */
final class Pace {
    private static final long ENTRIES_BETWEEN = 1_000;
    private static final long BYTES_BETWEEN = 16L << 20;

    private final ToolContext context;
    private long entries;
    private long bytes;
    private long toldBytes;

    Pace(ToolContext context) {
        this.context = context;
    }

    /** Ends the call if it was cancelled. */
    void check() throws InterruptedException {
        if (Thread.interrupted() || context.isCancelled()) {
            throw new InterruptedException("cancelled");
        }
    }

    /** One more entry was looked at. */
    void entry() throws InterruptedException {
        check();
        if (++entries % ENTRIES_BETWEEN == 0) {
            context.progress(Map.of("entries", entries));
        }
    }

    /** So many more bytes were copied. */
    void bytes(long count) throws InterruptedException {
        check();
        bytes += count;
        if (bytes - toldBytes >= BYTES_BETWEEN) {
            toldBytes = bytes;
            context.progress(Map.of("bytes", bytes));
        }
    }
}
