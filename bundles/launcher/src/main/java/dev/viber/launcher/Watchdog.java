package dev.viber.launcher;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that the process is well, twice in the time that {@code WATCHDOG_USEC} gives, and only while it is: all parts
 * are ready, the framework answers and no threads wait for each other in a ring. Who is not heard of is restarted.
 */
final class Watchdog {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private final CountDownLatch closed = new CountDownLatch(1);

    private Watchdog() {}

    /** Starts to tell, where the environment asks this process for it. */
    static Watchdog start(Map<String, String> environment, Running running) {
        Watchdog watchdog = new Watchdog();
        long micros = micros(environment, ProcessHandle.current().pid());
        if (micros > 0) {
            // A platform thread: it must be able to tell that virtual threads get no carrier.
            Thread.ofPlatform().daemon().name("watchdog").start(() -> watchdog.tell(environment, running, micros / 2));
        }
        return watchdog;
    }

    /** The time between signs of life that systemd asks this process for; 0 for none. */
    static long micros(Map<String, String> environment, long pid) {
        String meant = environment.getOrDefault("WATCHDOG_PID", "");
        if (!meant.isEmpty() && !meant.equals(Long.toString(pid))) {
            return 0;
        }
        String micros = environment.getOrDefault("WATCHDOG_USEC", "");
        try {
            return micros.isEmpty() ? 0 : Math.max(0, Long.parseLong(micros));
        } catch (NumberFormatException e) {
            LOG.warn("WATCHDOG_USEC is {}, wanted a number of microseconds; nothing is told", micros);
            return 0;
        }
    }

    private void tell(Map<String, String> environment, Running running, long pauseMicros) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        try {
            do {
                // If one of these hangs, nothing is told any more: that is meant.
                String fault = running.fault();
                long[] ring = threads.findDeadlockedThreads();
                if (ring != null) {
                    fault = ring.length + " threads wait for each other";
                }
                if (fault.isEmpty()) {
                    carrierAnswers();
                    ServiceNotice.send(environment, "WATCHDOG=1");
                } else {
                    LOG.warn("The watchdog is not told that all is well: {}", fault);
                }
            } while (!closed.await(pauseMicros, TimeUnit.MICROSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void carrierAnswers() throws InterruptedException {
        Thread.ofVirtual().name("watched").start(() -> {}).join();
    }

    /** Tells no more. */
    void close() {
        closed.countDown();
    }
}
