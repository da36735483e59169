package dev.viber.live.view;

import dev.viber.api.event.EventBus;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.vm.Vm;
import dev.viber.api.vm.VmLifecycle.Phase;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One VM's browser as its viewers see it: one connection to its DevTools while anybody watches, found again after Chrome,
 * the agent or the VM came back. All that it knows is touched by one thread, to which everybody hands what they have.
 */
final class Screen implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Screen.class);
    private static final Duration EVENTS = Duration.ofSeconds(30);
    private static final long FIRST_RETRY_MS = 500;
    private static final long LONGEST_RETRY_MS = 15_000;

    /** How it stands with the browser. */
    private record State(String word, String detail) {
        Map<String, Object> told() {
            return Map.of("type", "state", "state", word, "detail", detail);
        }
    }

    private final String vm;
    private final Desks desks;
    private final Wheels wheels;
    private final LinkedBlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
    private final Set<Viewer> viewers = new LinkedHashSet<>();
    private final Thread thread;
    private final Thread events;
    private @Nullable DevTools devTools;
    private @Nullable Tabs tabs;
    private State state = new State("connecting", "");
    private boolean connecting;
    private int attempt;
    private long retryMs = FIRST_RETRY_MS;
    private long seq;
    private final Pace pace = new Pace(System.nanoTime());

    /** Begins to look for the browser of this VM. */
    Screen(String vm, Desks desks, Wheels wheels) {
        this.vm = vm;
        this.desks = desks;
        this.wheels = wheels;
        thread = Thread.ofVirtual().name("live-" + vm).start(this::run);
        events = Thread.ofVirtual().name("live-events-" + vm).start(this::follow);
        post(this::connect);
    }

    /** Hands something to the thread of this screen. */
    void post(Runnable what) {
        work.add(what);
    }

    private void run() {
        try {
            while (true) {
                Runnable next = work.take();
                try {
                    next.run();
                } catch (RuntimeException e) {
                    LOG.error("the live view of {} stumbled", vm, e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            disconnect();
        }
    }

    @Override
    public void close() {
        events.interrupt();
        thread.interrupt();
    }

    /** A viewer's socket is open. */
    void add(Viewer viewer) {
        post(() -> {
            viewers.add(viewer);
            wheels.back(viewer.id());
            viewer.tell(state.told());
            viewer.tell(driver(viewer));
            Tabs there = tabs;
            if (there != null) {
                there.welcome(viewer);
            }
            count();
        });
    }

    /** A viewer's socket is closed. */
    void remove(Viewer viewer) {
        post(() -> {
            if (viewers.remove(viewer)) {
                if (viewers.stream().noneMatch(other -> other.id().equals(viewer.id()))) {
                    wheels.left(vm, viewer.id());
                }
                count();
            }
        });
    }

    private void count() {
        tell(Map.of("type", "viewers", "count", viewers.size()));
    }

    /** A viewer has shown this frame: Chrome may draw the next. */
    void taken(Frame frame) {
        long now = System.nanoTime();
        post(() -> {
            Tabs there = tabs;
            if (there != null) {
                there.taken(frame, now);
            }
        });
    }

    /** The driver changed. */
    void driverChanged() {
        post(() -> viewers.forEach(viewer -> viewer.tell(driver(viewer))));
    }

    /** A call of a task may have changed which tab is the active one. */
    void tabsChanged() {
        post(() -> {
            Tabs there = tabs;
            if (there != null) {
                there.askAgent();
            }
        });
    }

    private Map<String, Object> driver(Viewer viewer) {
        Wheels.Turn turn = wheels.turn(vm);
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("type", "driver");
        message.put("by", turn == null ? null : turn.driver().name());
        message.put("you", turn != null && turn.viewer().equals(viewer.id()));
        if (turn != null) {
            message.put("since", turn.driver().since().toString());
        }
        return message;
    }

    /** A viewer asks for something. */
    void ask(Viewer viewer, Wish wish) {
        post(() -> {
            if (!viewer.mayControl()) {
                viewer.error(
                        "forbidden", "this viewer watches only; open it with mode=control, as an operator or owner");
                return;
            }
            switch (wish) {
                case Wish.Take take -> take(viewer);
                case Wish.Release release -> {
                    if (!wheels.release(vm, viewer.id(), "released")) {
                        viewer.error("not-driving", "you do not drive this browser");
                    }
                }
                default -> {
                    Wheels.Turn turn = wheels.turn(vm);
                    Tabs there = tabs;
                    if (turn != null && !turn.viewer().equals(viewer.id())) {
                        viewer.error("driven", turn.driver().name() + " drives this browser");
                    } else if (there == null) {
                        viewer.error("away", "the browser is not there: " + state.detail());
                    } else {
                        there.act(viewer, wish);
                    }
                }
            }
        });
    }

    private void take(Viewer viewer) {
        Wheels.Turn turn = wheels.take(vm, viewer.id(), viewer.by());
        if (!turn.viewer().equals(viewer.id())) {
            viewer.error("driven", turn.driver().name() + " drives this browser");
            return;
        }
        Map<String, Object> taken = new LinkedHashMap<>();
        taken.put("type", "taken");
        taken.put("key", turn.key());
        taken.put("grace_ms", wheels.grace().toMillis());
        taken.put("limit_ms", wheels.longest().toMillis());
        viewer.tell(taken);
    }

    private void tell(Map<String, ?> message) {
        viewers.forEach(viewer -> viewer.tell(message));
    }

    private void state(String word, String detail) {
        State now = new State(word, detail);
        if (!now.equals(state)) {
            state = now;
            tell(now.told());
        }
    }

    private void connect() {
        if (connecting || devTools != null) {
            return;
        }
        connecting = true;
        int mine = ++attempt;
        Thread.ofVirtual().name("live-connect").start(() -> {
            DevTools made;
            try {
                made = new DevTools(
                        desks.guests.enter(vm), // whoever watches keeps it awake
                        (session, method, p, done) -> post(() -> {
                            done.run();
                            Tabs there = tabs;
                            if (there != null && mine == attempt) {
                                there.event(session, method, p);
                            }
                        }));
            } catch (ProblemException | GateShutException | IOException e) {
                post(() -> away(mine, e.getMessage() == null ? "the guest does not answer yet" : e.getMessage()));
                return;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.warn("the browser of {} cannot be reached", vm, e); // and is tried again as after any other failure
                post(() -> away(mine, "the browser cannot be reached; the server's log tells why"));
                return;
            }
            if (!thread.isAlive()) {
                made.close();
                return;
            }
            post(() -> connected(mine, made));
        });
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private void connected(int mine, DevTools made) {
        if (mine != attempt) {
            made.close();
            return;
        }
        connecting = false;
        devTools = made;
        retryMs = FIRST_RETRY_MS;
        made.gone()
                .thenAccept(why -> post(() -> {
                    if (mine == attempt) {
                        lost(why);
                    }
                }));
        state("live", "");
        Tabs begun = new Tabs(vm, made, viewers, pace, this::post, () -> ++seq);
        tabs = begun;
        begun.begin();
    }

    private void lost(String why) {
        disconnect();
        state("away", why);
        later();
    }

    private void away(int mine, String why) {
        if (mine != attempt) {
            return;
        }
        connecting = false;
        state("away", why);
        later();
    }

    private void disconnect() {
        DevTools present = devTools;
        devTools = null;
        tabs = null;
        attempt++;
        if (present != null) {
            present.close();
        }
    }

    /** The machine is not there any more: one that is killed closes no connection. */
    private void ended() {
        boolean was = connecting || devTools != null;
        disconnect();
        connecting = false; // what is under way leads to a machine that is gone
        if (was) {
            later();
        }
    }

    /** Tries again in a while, and a longer one each time; the VM's own word that it is ready comes before that. */
    private void later() {
        CompletableFuture.delayedExecutor(retryMs, TimeUnit.MILLISECONDS, Runnable::run)
                .execute(() -> post(this::connect));
        retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
    }

    private void follow() {
        while (!Thread.currentThread().isInterrupted()) {
            try (EventBus.Cursor cursor =
                    desks.events.call(bus -> bus.followAll(List.of(Vm.TOPIC + vm), EventBus.END))) {
                while (true) {
                    List<Segment> segments = cursor.next(EVENTS);
                    List<JournalEvent> found = new ArrayList<>();
                    segments.forEach(segment -> found.addAll(segment.events()));
                    found.forEach(event -> post(() -> happened(event.kind())));
                    if (found.isEmpty() && desks.events.peek().isEmpty()) {
                        break; // the bus was replaced: the next one is followed
                    }
                }
            } catch (EventBus.LaggedException e) {
                LOG.debug("what happened to {} went by too fast", vm, e);
            } catch (IllegalStateException e) {
                LOG.debug("there is no event bus at the moment", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** A step of the VM's life. */
    private void happened(String kind) {
        switch (kind) {
            case "ready" -> {
                retryMs = FIRST_RETRY_MS;
                if (devTools == null) {
                    state("connecting", "the VM is ready");
                    connect();
                }
            }
            case "paused" -> state("paused", "the VM is paused");
            case "running", "starting", "stopping", "stopped", "crashed", "failed", "deleting", "deleted" -> {
                if (kind.equals("deleted")) {
                    wheels.gone(vm);
                }
                if (!Phase.of(kind).isAlive()) {
                    ended();
                }
                if (kind.equals("running") && devTools != null) {
                    state("live", ""); // resumed
                } else {
                    state(devTools == null ? "away" : "ending", "the VM is " + kind);
                }
            }
            default -> {
                // nothing that a picture shows
            }
        }
    }
}
