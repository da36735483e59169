package dev.viber.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Stops a task once its time is up. */
final class Patience implements AutoCloseable {
    private static final Duration CONFIRM = Duration.ofSeconds(10);

    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean over;

    /**
     * Begins to wait.
     *
     * @param atMost null to wait for ever
     * @param stop asks the task to stop
     * @param leave ends the following where no confirmation comes
     */
    Patience(@Nullable Duration atMost, Runnable stop, Runnable leave) {
        if (atMost != null) {
            Thread.ofVirtual().name("patience").start(() -> watch(atMost, stop, leave));
        }
    }

    /** Whether the time was up before the end. */
    boolean isOver() {
        return over;
    }

    private void watch(Duration atMost, Runnable stop, Runnable leave) {
        try {
            if (done.await(atMost.toNanos(), TimeUnit.NANOSECONDS)) {
                return;
            }
            over = true;
            try {
                stop.run();
                if (done.await(CONFIRM.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            } finally {
                leave.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
    }
}
