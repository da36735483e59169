package dev.viber.browser.control;

import dev.viber.api.guest.AgentLog;
import dev.viber.browser.control.Frames.Frame;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A tab as its events tell it: frames, where it has navigated to, what it recorded. Waiting is for its next event; nothing is
 * locked while a call waits, so calls go on side by side.
 */
final class Tab {
    private static final List<String> DOMAINS =
            List.of("Page.enable", "Runtime.enable", "Network.enable", "Log.enable", "Inspector.enable");

    private final String id;
    private final String session;
    private final String opener;
    private final String firstUrl;
    private final DevTools devTools;
    private final Console console;
    private final Traffic traffic = new Traffic();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Frames frames = new Frames();
    private final Dialogs dialogs = new Dialogs();
    private final Navigations navigations;
    private final CompletableFuture<Tree> prepared;
    private @Nullable Failure gone;

    Tab(String id, String session, String opener, String url, DevTools devTools, AgentLog log) {
        this.id = id;
        this.session = session;
        this.opener = opener;
        firstUrl = url;
        this.devTools = devTools;
        console = new Console(log);
        navigations = new Navigations(id);
        // Answers come in order: the last one says that all before it are done. A tab behind others acts as if it were
        // seen.
        devTools.tell(session, "Emulation.setFocusEmulationEnabled", Map.of("enabled", true));
        prepared = prepare(session);
    }

    String id() {
        return id;
    }

    String session() {
        return session;
    }

    String opener() {
        return opener;
    }

    DevTools devTools() {
        return devTools;
    }

    Console console() {
        return console;
    }

    Traffic traffic() {
        return traffic;
    }

    /** Waits until it can be used. */
    Tab ready(Deadline deadline) {
        DevTools.await(prepared, "to prepare the tab", deadline);
        return this;
    }

    /** Calls a method of the tab's own session. */
    Tree call(String method, Map<String, ?> parameters, Deadline deadline) {
        return devTools.call(session, method, parameters, deadline);
    }

    /**
     * Calls a method that a page may answer with a dialog, which then stays open as the policy says: its answer would come
     * only after the dialog's.
     *
     * @return the answer, or null where a dialog stands open
     */
    @Nullable
    Tree callWithDialogs(String of, String method, Map<String, ?> parameters, Deadline deadline) {
        CompletableFuture<Tree> answer = devTools.send(of, method, parameters);
        await(answer, "Chrome did not answer " + method, deadline);
        return answer.isDone() ? DevTools.await(answer, method, deadline) : null;
    }

    /** Waits until that is done, or a dialog stands open that is held. */
    @SuppressWarnings("FutureReturnValueIgnored") // waited for by its wake-up
    void await(CompletableFuture<?> answer, String timeout, Deadline deadline) {
        answer.whenComplete((_, _) -> signal());
        await(() -> answer.isDone() || dialogs.isHeld(), deadline, timeout);
    }

    /** Takes in an event of its session or of a frame that is in a process of its own. */
    void event(String of, String method, Tree p) {
        if (method.startsWith("Network.")) {
            traffic.event(of, method, p);
            return;
        }
        Map<String, Object> answer = null;
        lock.lock();
        try {
            frames.event(of, method, p);
            navigations.event(method, p);
            switch (method) {
                case "Page.javascriptDialogOpening" -> answer = dialogs.opened(of, p);
                case "Page.javascriptDialogClosed" -> dialogs.closed(p);
                case "Inspector.targetCrashed" -> {
                    if (of.equals(session)) {
                        gone = new Failure(409, "tab_crashed", "the page of this tab crashed; navigate or close it");
                    }
                }
                default -> {}
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (method.equals("Inspector.targetCrashed")) {
            devTools.forget(of, new Failure(409, "tab_crashed", "the page crashed"));
        }
        if (answer != null) {
            devTools.tell(of, "Page.handleJavaScriptDialog", answer);
        }
        console.event(method, p);
    }

    /** A frame went into a process of its own. */
    @SuppressWarnings("FutureReturnValueIgnored") // what comes of it is told by events
    void attached(String child) {
        prepare(child);
    }

    void detached(String child) {
        lock.lock();
        try {
            frames.detached(child);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** It is no more. */
    void close() {
        Failure why = new Failure(404, "no_such_tab", "the tab " + id + " was closed");
        lock.lock();
        try {
            gone = why;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        devTools.forget(session, why);
    }

    /** Waits for events until the condition holds. It is tried while nothing changes. */
    void await(BooleanSupplier condition, Deadline deadline, String timeout) {
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                if (gone != null) {
                    throw gone;
                }
                if (!devTools.isOpen()) {
                    throw devTools.gone().join();
                }
                if (deadline.isOver()) {
                    throw Failure.timeout(timeout, deadline);
                }
                changed.awaitNanos(deadline.leftNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(503, "stopping", "the agent stops");
        } finally {
            lock.unlock();
        }
    }

    /** Looks at what the lock guards. */
    <T extends @Nullable Object> T look(Supplier<T> what) {
        lock.lock();
        try {
            return what.get();
        } finally {
            lock.unlock();
        }
    }

    /** Wakes whoever waits, for conditions that hang on something else than events. */
    void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Inside {@link #look} and {@link #await} only. */
    Frames frames() {
        return frames;
    }

    /** Inside {@link #look} and {@link #await} only. */
    Dialogs dialogs() {
        return dialogs;
    }

    Frame mainFrame() {
        return look(() -> {
            Frame main = frames.byId(id);
            return main == null ? new Frame(id, "", session, firstUrl, "", "") : main;
        });
    }

    /** How many navigations the main frame has made. */
    long navigations() {
        return look(navigations::count);
    }

    /** An action begins: what navigates from now on is its doing. */
    void act() {
        look(navigations::see);
    }

    /** Navigations up to now have been waited for. */
    long sawNavigation() {
        return look(navigations::see);
    }

    /** Navigations behind this one were not waited for. */
    long seenNavigations() {
        return look(navigations::seen);
    }

    /**
     * Waits until a navigation behind this one has reached a point.
     *
     * @param point {@code load}, {@code DOMContentLoaded}, {@code networkIdle} or {@code commit}
     */
    void awaitNavigation(long behind, String point, Deadline deadline) {
        await(() -> navigations.hasReached(behind, point), deadline, "no navigation reached '" + point + "'");
        String failed = look(navigations::unreachable);
        if (!failed.isEmpty()) {
            throw new Failure(502, "navigation_failed", failed + " cannot be reached");
        }
    }

    /**
     * Waits until the document of this loader, or one that it led to, has reached a point. Another navigation that was under
     * way, as of a call whose caller is gone, is not taken for it.
     */
    void awaitDocument(String of, String point, Deadline deadline) {
        await(() -> navigations.of(of) > 0, deadline, "the navigation did not come to a document");
        awaitNavigation(look(() -> navigations.of(of)) - 1, point, deadline);
    }

    /** The document's loader, whose id its main request has too. */
    String loader() {
        return look(navigations::loader);
    }

    /** A navigation gives a crashed tab a page again. */
    void revive() {
        look(() -> {
            if (gone != null && gone.code().equals("tab_crashed")) {
                gone = null;
            }
            return null;
        });
    }

    private CompletableFuture<Tree> prepare(String of) {
        for (String domain : DOMAINS) {
            devTools.tell(of, domain, Map.of());
        }
        devTools.tell(of, "Page.setLifecycleEventsEnabled", Map.of("enabled", true));
        devTools.tell(
                of,
                "Target.setAutoAttach",
                Map.of(
                        "autoAttach",
                        true,
                        "waitForDebuggerOnStart",
                        false,
                        "flatten",
                        true,
                        "filter",
                        List.of(Map.of("type", "iframe"))));
        return devTools.send(of, "Page.getFrameTree", Map.of()).thenApply(tree -> {
            lock.lock();
            try {
                frames.tree(of, tree.get("frameTree"));
                if (of.equals(session)) {
                    navigations.begin(tree.get("frameTree", "frame", "loaderId").text());
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            return tree;
        });
    }
}
