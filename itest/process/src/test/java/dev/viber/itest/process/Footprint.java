package dev.viber.itest.process;

import static org.assertj.core.api.Assertions.assertThat;

/** What a process holds of the machine at an instant. */
record Footprint(int threads, int descriptors) {
    private static final int FD_SLACK = 24;
    private static final int THREAD_SLACK = 16;

    static Footprint of(Daemon daemon) {
        return new Footprint(Daemon.count(daemon.pid(), "task"), Daemon.count(daemon.pid(), "fd"));
    }

    /** The process may hold a little more than this, once it had the time to let go. */
    Footprint assertNotOutgrownBy(Daemon daemon) throws InterruptedException {
        // Closed connections leave /proc a little later, and no event tells.
        Footprint after = Patience.until(
                () -> of(daemon),
                now -> now.threads() <= threads + THREAD_SLACK && now.descriptors() <= descriptors + FD_SLACK);
        assertThat(after.threads())
                .as("threads of process %d, before %s; %s", daemon.pid(), this, daemon.logTail())
                .isLessThanOrEqualTo(threads + THREAD_SLACK);
        assertThat(after.descriptors())
                .as("descriptors of process %d, before %s; %s", daemon.pid(), this, daemon.logTail())
                .isLessThanOrEqualTo(descriptors + FD_SLACK);
        return after;
    }
}
