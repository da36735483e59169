package dev.viber.browser.control;

import dev.viber.api.guest.AgentLog;
import dev.viber.api.guest.Chrome;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One Chrome, as long as it lives: its tabs, and which of them is meant where a call names none. */
final class Browser implements AutoCloseable {
    private static final long CONNECT_WITHIN_MS = 30_000;
    private static final List<Map<String, String>> PAGES = List.of(Map.of("type", "page"));

    private final AgentLog log;
    private final String chromeId;
    private final DevTools devTools;
    private final Downloads downloads;
    /** Guards the two below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition changed = lock.newCondition();
    private final Map<String, Tab> tabs = new LinkedHashMap<>();
    private @Nullable String current;
    /** The tab that each session belongs to, its own and those of its frames. */
    private final Map<String, Tab> sessions = new ConcurrentHashMap<>();

    /** Connects, and knows all tabs that there are; one that does not answer holds up nobody who does not ask for it. */
    Browser(Chrome.Running chrome, Downloads downloads, AgentLog log) {
        this.log = log;
        chromeId = chrome.webSocketPath().substring(chrome.webSocketPath().lastIndexOf('/') + 1);
        this.downloads = downloads;
        devTools = new DevTools(URI.create("ws://127.0.0.1:" + chrome.port() + chrome.webSocketPath()), this::event);
        var _ = devTools.gone().thenAccept(_ -> wakeAll());
        try {
            begin(Deadline.in(CONNECT_WITHIN_MS));
        } catch (RuntimeException e) {
            devTools.close();
            throw e;
        }
    }

    private void begin(Deadline deadline) {
        devTools.tell(
                "",
                "Browser.setDownloadBehavior",
                Map.of(
                        "behavior",
                        "allowAndName",
                        "downloadPath",
                        downloads.folder().toString(),
                        "eventsEnabled",
                        true));
        devTools.call(
                "",
                "Target.setAutoAttach",
                Map.of("autoAttach", true, "waitForDebuggerOnStart", false, "flatten", true, "filter", PAGES),
                deadline);
        for (Tree each : devTools.call("", "Target.getTargets", Map.of("filter", PAGES), deadline)
                .get("targetInfos")
                .list()) {
            known(each.get("targetId").text(), deadline);
        }
    }

    boolean isOpen() {
        return devTools.isOpen();
    }

    /** Which Chrome it is, by its own name for itself: what one of another name had is gone. */
    String chromeId() {
        return chromeId;
    }

    DevTools devTools() {
        return devTools;
    }

    Downloads downloads() {
        return downloads;
    }

    /** The tab of that id, or the current one; a new one where there is none. */
    Tab tab(@Nullable String id, Deadline deadline) {
        Tab found = id == null ? find(null) : named(id);
        return found == null ? open("about:blank", deadline) : found.ready(deadline);
    }

    /** The tab of that id, whether it answers or not. */
    Tab named(String id) {
        Tab found = find(id);
        if (found == null) {
            throw new Failure(404, "no_such_tab", "there is no tab '" + id + "'; GET /v1/tabs lists them");
        }
        return found;
    }

    /** Opens one and makes it the current one. */
    Tab open(String url, Deadline deadline) {
        String id = devTools.call("", "Target.createTarget", Map.of("url", url), deadline)
                .get("targetId")
                .text();
        Tab tab = known(id, deadline).ready(deadline);
        makeCurrent(tab);
        return tab;
    }

    void makeCurrent(Tab tab) {
        lock.lock();
        try {
            current = tab.id();
        } finally {
            lock.unlock();
        }
    }

    /** Closes it; the last one leaves a blank one behind, since some Chromes end with their last tab. */
    void close(Tab tab, Deadline deadline) {
        if (tabs().size() == 1) {
            open("about:blank", deadline);
        }
        devTools.call("", "Target.closeTarget", Map.of("targetId", tab.id()), deadline);
        lock.lock();
        try {
            while (tabs.containsKey(tab.id())) {
                if (deadline.isOver()) {
                    throw Failure.timeout("the tab did not close", deadline);
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

    /** All, in the order in which they came. */
    List<Tab> tabs() {
        lock.lock();
        try {
            return List.copyOf(tabs.values());
        } finally {
            lock.unlock();
        }
    }

    /** The id of the one that is meant where none is named; empty where there is none. */
    String current() {
        Tab tab = find(null);
        return tab == null ? "" : tab.id();
    }

    @Override
    public void close() {
        devTools.close();
    }

    private @Nullable Tab find(@Nullable String id) {
        lock.lock();
        try {
            if (id != null) {
                return tabs.get(id);
            }
            Tab now = current == null ? null : tabs.get(current);
            return now != null || tabs.isEmpty()
                    ? now
                    : tabs.values().iterator().next();
        } finally {
            lock.unlock();
        }
    }

    private Tab known(String id, Deadline deadline) {
        lock.lock();
        try {
            Tab tab = tabs.get(id);
            while (tab == null) {
                if (deadline.isOver() || !isOpen()) {
                    throw Failure.timeout("Chrome did not attach to the tab " + id, deadline);
                }
                changed.awaitNanos(deadline.leftNanos());
                tab = tabs.get(id);
            }
            return tab;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(503, "stopping", "the agent stops");
        } finally {
            lock.unlock();
        }
    }

    private void wakeAll() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tabs().forEach(Tab::signal);
    }

    private void event(String session, String method, Tree p) {
        switch (method) {
            case "Target.attachedToTarget" -> attached(session, p);
            case "Target.detachedFromTarget" -> detached(p.get("sessionId").text());
            case "Browser.downloadWillBegin", "Browser.downloadProgress" -> downloads.event(method, p);
            default -> {
                Tab tab = sessions.get(session);
                if (tab != null) {
                    tab.event(session, method, p);
                }
            }
        }
    }

    private void attached(String parent, Tree p) {
        String child = p.get("sessionId").text();
        Tree info = p.get("targetInfo");
        Tab owner = sessions.get(parent);
        if (owner != null) {
            sessions.put(child, owner);
            owner.attached(child);
            return;
        }
        String id = info.get("targetId").text();
        Tab tab =
                new Tab(id, child, info.get("openerId").text(), info.get("url").text(), devTools, log);
        sessions.put(child, tab);
        lock.lock();
        try {
            tabs.put(id, tab);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void detached(String child) {
        Tab tab = sessions.remove(child);
        if (tab == null) {
            return;
        }
        if (!child.equals(tab.session())) {
            tab.detached(child);
            return;
        }
        tab.close();
        lock.lock();
        try {
            tabs.remove(tab.id());
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
