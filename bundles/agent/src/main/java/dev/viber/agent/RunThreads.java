package dev.viber.agent;

import dev.viber.agent.RunLifecycle.State;
import dev.viber.agent.RunLifecycle.Trigger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one run and the slot they share: the slot is given back while every one of them waits for a person, and
 * all are interrupted where the run is cut.
 */
final class RunThreads {
    private static final Logger LOG = LoggerFactory.getLogger(RunThreads.class);
    private static final Duration FAREWELL = Duration.ofSeconds(15);

    /** Why a run is cut; a later one replaces an earlier one only where it weighs more. */
    enum Cut {
        /** A step failed, or the run as a whole. */
        FAIL,
        /** The store says the task is to stop. */
        STOP,
        /** The run is no longer this agent's. */
        LEAVE
    }

    /** What a thread of a run does. */
    @FunctionalInterface
    interface Work {
        void run() throws InterruptedException;
    }

    private final Slots slots;
    private final String taskId;
    private final Instant createdAt;
    private final Runnable driver;
    private final BiConsumer<String, RuntimeException> crashed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Thread> threads = new HashSet<>();
    private final List<Trigger> history = new ArrayList<>();
    private State state = RunLifecycle.TABLE.initial();
    private @Nullable Thread driving;
    private Slots.@Nullable Request request;
    private boolean holdsSlot;
    private int parked;
    private @Nullable Cut cut;
    private String cutMessage = "";

    RunThreads(
            Slots slots,
            String taskId,
            Instant createdAt,
            Runnable driver,
            BiConsumer<String, RuntimeException> crashed) {
        this.slots = slots;
        this.taskId = taskId;
        this.createdAt = createdAt;
        this.driver = driver;
        this.crashed = crashed;
    }

    void enqueue(boolean begun) {
        Slots.Request made = slots.request(begun, createdAt, this::granted);
        boolean tooLate;
        lock.lock();
        try {
            tooLate = state != State.QUEUED;
            request = made;
        } finally {
            lock.unlock();
        }
        if (tooLate) {
            slots.withdraw(made);
        }
    }

    private void granted() {
        boolean giveBack = false;
        lock.lock();
        try {
            if (state == State.QUEUED) {
                go(Trigger.GRANT);
                holdsSlot = true;
                drive();
                changed.signalAll();
            } else {
                giveBack = true;
            }
        } finally {
            lock.unlock();
        }
        if (giveBack) {
            slots.release();
        }
    }

    private void drive() {
        if (driving == null) {
            driving = Thread.ofVirtual().name("task-" + taskId).unstarted(driver);
            driving.start();
        }
    }

    private void go(Trigger trigger) {
        state = RunLifecycle.TABLE.next(taskId, state, trigger, history);
        history.add(trigger);
        if (history.size() > 50) {
            history.removeFirst();
        }
    }

    @Nullable
    Cut cutBy() {
        lock.lock();
        try {
            return cut;
        } finally {
            lock.unlock();
        }
    }

    String cutMessage() {
        lock.lock();
        try {
            return cutMessage;
        } finally {
            lock.unlock();
        }
    }

    /** Interrupts all threads; the driver then concludes. */
    void cut(Cut why, String message) {
        Slots.Request withdrawn;
        lock.lock();
        try {
            if (state == State.ENDED || (cut != null && cut.compareTo(why) >= 0)) {
                return;
            }
            cut = why;
            cutMessage = message;
            if (state != State.CUTTING) {
                go(Trigger.CUT);
            }
            withdrawn = request;
            request = null;
            drive();
            Thread itself = Thread.currentThread();
            threads.stream().filter(thread -> !thread.equals(itself)).forEach(Thread::interrupt);
            if (driving != null && !driving.equals(itself)) {
                driving.interrupt();
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (withdrawn != null) {
            slots.withdraw(withdrawn);
        }
    }

    void spawn(String name, Work work) {
        lock.lock();
        try {
            if (cut != null) {
                return;
            }
            Thread thread =
                    Thread.ofVirtual().name("task-" + taskId + "-" + name).unstarted(() -> body(name, work));
            threads.add(thread);
            thread.start();
        } finally {
            lock.unlock();
        }
    }

    private void body(String name, Work work) {
        try {
            work.run();
        } catch (InterruptedException | LeftException e) {
            LOG.debug("Step {} of task {} is cut", name, taskId, e);
        } catch (RuntimeException e) {
            crashed.accept("step " + name, e);
        } finally {
            boolean idle;
            lock.lock();
            try {
                threads.remove(Thread.currentThread());
                idle = parkIfIdle();
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            if (idle) {
                slots.release();
            }
        }
    }

    private boolean parkIfIdle() {
        if (state != State.WORKING || threads.isEmpty() || parked != threads.size()) {
            return false;
        }
        go(Trigger.PARK);
        holdsSlot = false;
        return true;
    }

    /** The calling thread does no work from now on. */
    void park() {
        boolean idle;
        lock.lock();
        try {
            parked++;
            idle = parkIfIdle();
        } finally {
            lock.unlock();
        }
        if (idle) {
            slots.release();
        }
    }

    /** A parked thread will go on, beside the calling one. */
    void unparkOther() {
        lock.lock();
        try {
            parked--;
        } finally {
            lock.unlock();
        }
    }

    /** The calling thread goes on, once the run has a slot again. */
    void unpark() throws InterruptedException {
        boolean ask;
        lock.lock();
        try {
            parked--;
            ask = state == State.PARKED;
            if (ask) {
                go(Trigger.ANSWER);
            }
        } finally {
            lock.unlock();
        }
        if (ask) {
            enqueue(true);
        }
        lock.lockInterruptibly();
        try {
            while (state == State.QUEUED) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits for this long, or until the run is cut. */
    void pause(Duration duration) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = duration.toNanos();
            while (left > 0) {
                if (cut != null) {
                    throw new InterruptedException();
                }
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The driver waits for all others, for a bounded time once the run is cut. */
    void awaitOthers() throws InterruptedException {
        if (cutBy() != null && Thread.interrupted()) {
            LOG.debug("Task {} is being cut", taskId);
        }
        lock.lockInterruptibly();
        try {
            long left = FAREWELL.toNanos();
            while (!threads.isEmpty() && left > 0) {
                if (cut == null) {
                    changed.await();
                } else {
                    left = changed.awaitNanos(left);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more of this run. */
    void end() {
        boolean giveBack;
        lock.lock();
        try {
            go(Trigger.END);
            giveBack = holdsSlot;
            holdsSlot = false;
        } finally {
            lock.unlock();
        }
        if (giveBack) {
            slots.release();
        }
    }
}
