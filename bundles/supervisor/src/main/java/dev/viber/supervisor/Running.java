package dev.viber.supervisor;

import dev.viber.api.vm.Monitor;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A process of a VM and the connections to it, for as long as it lives. */
final class Running {
    final Processes.Identity process;
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    private final Map<String, CompletableFuture<Boolean>> asked = new HashMap<>();
    private final Set<Monitor.Event> events = EnumSet.noneOf(Monitor.Event.class);
    private Watch.@Nullable Watched watched;
    private @Nullable Monitor monitor;
    private @Nullable GuestControl control;
    private boolean started;
    private boolean clone;
    private boolean awaitsIdentity;
    private CompletableFuture<Boolean> announced = CompletableFuture.completedFuture(true);

    Running(Processes.Identity process) {
        this.process = process;
    }

    synchronized void watched(Watch.Watched one) {
        watched = one;
    }

    synchronized void monitor(Monitor one) {
        monitor = one;
    }

    synchronized @Nullable Monitor monitor() {
        return monitor;
    }

    synchronized void control(GuestControl one) {
        control = one;
    }

    synchronized @Nullable GuestControl control() {
        return control;
    }

    /** True the first time: what the guest is for has not been started yet. */
    synchronized boolean toBeStarted() {
        boolean first = !started;
        started = true;
        return first;
    }

    /** What the guest says from now on was said by the one it was made from. */
    synchronized void awaitIdentity() {
        clone = true;
        awaitsIdentity = true;
    }

    /** Its guest is about to be told this word; done when it answers to it. */
    synchronized CompletableFuture<Boolean> asked(String word) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        asked.put(word, answer);
        return answer;
    }

    /** Its guest did what it was told by this word. */
    synchronized void answered(String word) {
        CompletableFuture<Boolean> answer = asked.remove(word);
        if (answer != null) {
            answer.complete(true);
        }
    }

    /** Whether it was made from a snapshot. */
    synchronized boolean isClone() {
        return clone;
    }

    /** It has become itself. */
    synchronized void hasIdentity() {
        awaitsIdentity = false;
    }

    synchronized boolean awaitsIdentity() {
        return awaitsIdentity;
    }

    /** Done when its guest announces itself from now on, this is asked once more, or the process is dead. */
    synchronized CompletableFuture<Boolean> expected() {
        announced.complete(true);
        announced = new CompletableFuture<>();
        if (ended.isDone()) {
            announced.complete(true);
        }
        return announced;
    }

    synchronized void announced() {
        announced.complete(true);
    }

    synchronized void happened(Monitor.Event event) {
        events.add(event);
    }

    /** Whether it ended in good order, so far as its hypervisor told. */
    synchronized boolean endedWell() {
        return (events.contains(Monitor.Event.GUEST_SHUTDOWN) || events.contains(Monitor.Event.HOST_SHUTDOWN))
                && !events.contains(Monitor.Event.PANIC)
                && !events.contains(Monitor.Event.INTERNAL_ERROR);
    }

    synchronized String told() {
        return events.isEmpty() ? "its hypervisor told nothing" : "its hypervisor told " + events;
    }

    /** The process is dead. */
    void over() {
        disconnect();
        ended.complete(true);
        announced();
    }

    /** Ends the connections; the machine goes on. */
    synchronized void disconnect() {
        if (control != null) {
            control.close();
        }
        if (monitor != null) {
            monitor.close();
        }
    }

    /** Whether the process is dead within this time. */
    boolean awaitEnd(Duration time) throws InterruptedException {
        try {
            return ended.get(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends the process at once, and returns when it is dead. */
    void kill() throws InterruptedException {
        synchronized (this) {
            if (watched != null) {
                watched.kill();
            }
        }
        if (!awaitEnd(Duration.ofSeconds(30))) {
            throw new IllegalStateException("process %d does not die".formatted(process.pid()));
        }
    }
}
