package dev.viber.itest.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** For the few things of another process that no event tells of: its files and its entries in {@code /proc}. */
final class Patience {
    private static final Duration AT_MOST = Duration.ofSeconds(45);

    private Patience() {}

    interface Look<T> {
        T look() throws Exception;
    }

    /** Looks until what is seen is as wanted, or time is up; what was seen last. */
    static <T> T until(Look<T> look, Predicate<T> wanted) throws InterruptedException {
        long end = System.nanoTime() + AT_MOST.toNanos();
        while (true) {
            T seen;
            try {
                seen = look.look();
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            if (wanted.test(seen) || System.nanoTime() > end) {
                return seen;
            }
            LockSupport.parkNanos(100_000_000L);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
