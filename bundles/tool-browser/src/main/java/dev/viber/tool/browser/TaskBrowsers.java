package dev.viber.tool.browser;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.tool.TaskBound;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The browsers of tasks: had at a task's first use, under its id, and given back when it has ended. Where a task's browser was
 * lost, the next call has another one, which goes on at the address and with the cookies and storage of the last action.
 */
@Component(
        service = {TaskBrowsers.class, TaskBound.class},
        immediate = true,
        configurationPid = Settings.PID)
@Designate(ocd = Settings.class)
public final class TaskBrowsers implements TaskBound {
    private static final Logger LOG = LoggerFactory.getLogger(TaskBrowsers.class);

    private static final Duration RESTORED_WITHIN = Duration.ofSeconds(60);
    private static final Duration GIVEN_BACK_AGAIN = Duration.ofSeconds(5);
    private static final Duration GIVEN_BACK_AGAIN_MOST = Duration.ofMinutes(5);
    private static final Duration LOOKED_WITHIN = Duration.ofSeconds(20);
    private static final Duration AWAY_AGAIN = Duration.ofMillis(500);
    private static final int AWAY_TRIES = 60;

    private final Settings settings;
    private final Duration firstPause;
    private final Keepsakes keepsakes;
    private final Providers providers;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Clients clients = new Clients(threads);
    private final Map<String, Held> held = new ConcurrentHashMap<>();
    /** Of tasks that have ended. */
    private final Set<String> leaving = ConcurrentHashMap.newKeySet();

    /** A task's; the lock is held while it is had or given back, and while what it has become is written. */
    private static final class Held {
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable AgentClient agent;
        /** Which Chrome is as the task left it; null where none is yet, empty where the agent does not tell. */
        private @Nullable String chrome;
    }

    /** What is done with a browser. */
    @FunctionalInterface
    interface Action {
        Map<String, Object> with(TaskBrowser browser) throws IOException, ToolException, InterruptedException;
    }

    /** What tasks' browsers have become, and what was kept by name. */
    Keepsakes keepsakes() {
        return keepsakes;
    }

    /** Made by Declarative Services. */
    @Activate
    public TaskBrowsers(Settings settings) {
        this(settings, GIVEN_BACK_AGAIN);
    }

    TaskBrowsers(Settings settings, Duration firstPause) {
        this.settings = settings;
        this.firstPause = firstPause;
        keepsakes = new Keepsakes(
                new Vault(Path.of(settings.profiles()).toAbsolutePath().normalize()));
        providers = new Providers(
                Duration.ofMillis(settings.service_patience_ms()),
                settings.kind().strip());
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindBrowsers(Browsers browsers, Map<String, Object> properties) {
        providers.add(browsers, properties);
    }

    void unbindBrowsers(Browsers browsers, Map<String, Object> properties) {
        providers.remove(browsers, properties);
    }

    /** Sessions stay: another version of this bundle has them again. */
    @Deactivate
    void close() {
        clients.close();
        threads.shutdownNow();
    }

    @Override
    public Collection<String> tasks() {
        Set<String> out = new HashSet<>(held.keySet());
        try {
            out.addAll(keepsakes.tasks());
        } catch (IOException e) {
            LOG.warn("The browsers of earlier tasks are not known: {}", e.toString());
        }
        return out;
    }

    @Override
    public void ended(String taskId) {
        if (tasks().contains(taskId) && leaving.add(taskId)) {
            threads.execute(() -> {
                try {
                    giveBackAtLast(taskId);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    leaving.remove(taskId);
                }
            });
        }
    }

    /**
     * Tries until it is done: a server that is away now would keep the browser for nobody, to its limit. Or until the task
     * uses it again, as one does that is tried again.
     */
    private void giveBackAtLast(String taskId) throws InterruptedException {
        Duration pause = firstPause;
        while (true) {
            try {
                giveBack(taskId, true);
                return;
            } catch (IOException | ToolException e) {
                LOG.warn(
                        "The browser of task {}, which has ended, was not given back, and will be in {} s: {}",
                        taskId,
                        pause.toSeconds(),
                        e.getMessage());
            }
            Thread.sleep(pause);
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(GIVEN_BACK_AGAIN_MOST) < 0 ? longer : GIVEN_BACK_AGAIN_MOST;
        }
    }

    /**
     * Does something with the task's browser, and keeps what that made of it.
     *
     * @param repeatable whether it may be done once more where the browser was lost on the way
     */
    Map<String, Object> use(ToolContext context, Duration timeout, boolean repeatable, Action action)
            throws IOException, ToolException, InterruptedException {
        leaving.remove(context.taskId());
        Held mine = held.computeIfAbsent(context.taskId(), _ -> new Held());
        Map<String, Object> about = new LinkedHashMap<>();
        boolean again = false;
        int away = 0;
        while (true) {
            AgentClient agent = agent(context.taskId(), mine);
            TaskBrowser browser =
                    new TaskBrowser(agent, timeout, (lost, why) -> same(context.taskId(), mine, lost, why));
            try (var _ = providers.use(context.taskId(), agent.session().kind())) {
                settle(context.taskId(), mine, agent, about);
                Map<String, Object> result = new LinkedHashMap<>(action.with(browser));
                if (keep(context.taskId(), mine, browser) || again || !repeatable) {
                    result.putAll(about);
                    return result;
                }
                again = true;
            } catch (AgentClient.AwayException e) {
                forget(mine, browser.agent());
                requireTime(agent, e.isLate(), e);
                boolean done = browser.isTouched() && (again || !repeatable);
                if (done || away == AWAY_TRIES) {
                    throw e;
                }
                again |= browser.isTouched();
                if (away++ > 0) {
                    // Whoever stands before it is being replaced, and tells no other end of that.
                    Thread.sleep(AWAY_AGAIN);
                }
            } catch (IOException e) {
                forget(mine, browser.agent());
                requireTime(agent, false, e);
                if (again || !repeatable) {
                    throw e;
                }
                again = true;
            }
        }
    }

    /** The browser that was lost, with the same Chrome, when whoever stands before it lets through again. */
    private AgentClient same(String taskId, Held mine, AgentClient lost, AgentClient.AwayException why)
            throws IOException, ToolException, InterruptedException {
        mine.lock.lockInterruptibly();
        try {
            String chrome = mine.chrome;
            AgentClient.AwayException last = why;
            AgentClient away = lost;
            for (int i = 0; i < AWAY_TRIES; i++) {
                forget(mine, away);
                requireTime(away, last.isLate(), last);
                AgentClient next = agent(taskId, mine);
                try {
                    boolean same = next.session().since().equals(lost.session().since());
                    if (!same || !next.chromeId(LOOKED_WITHIN).equals(chrome)) {
                        break;
                    }
                    mine.chrome = chrome;
                    return next;
                } catch (AgentClient.AwayException e) {
                    away = next;
                    last = e;
                }
                Thread.sleep(AWAY_AGAIN);
            }
            throw last;
        } finally {
            mine.lock.unlock();
        }
    }

    /** That a browser's time was over is told, and not made up for: whoever set the limit meant it. */
    private static void requireTime(AgentClient agent, boolean late, IOException failure) throws ToolException {
        if (late || isOver(agent)) {
            throw late(agent, failure);
        }
    }

    private static boolean isOver(AgentClient agent) {
        return Instant.now().isAfter(agent.session().until());
    }

    private static ToolException late(AgentClient agent, @Nullable IOException failure) {
        return new ToolException(
                "the browser's time was over: it might last until %s; the next call has another one"
                        .formatted(agent.session().until()),
                true,
                failure);
    }

    /** Ends the task's browser. */
    boolean giveBack(String taskId) throws IOException, ToolException, InterruptedException {
        return giveBack(taskId, false);
    }

    private boolean giveBack(String taskId, boolean onlyIfLeaving)
            throws IOException, ToolException, InterruptedException {
        Held mine = held.computeIfAbsent(taskId, _ -> new Held());
        mine.lock.lockInterruptibly();
        try {
            if (onlyIfLeaving && !leaving.contains(taskId)) {
                return false;
            }
            AgentClient agent = mine.agent;
            Keepsake last = keepsakes.last(taskId);
            String kind = agent != null ? agent.session().kind() : last == null ? null : last.kind();
            Set<String> kinds = keepsakes.kindsBefore(taskId);
            if (kind != null) {
                kinds.add(kind);
            }
            for (String each : kinds) {
                providers.release(taskId, each);
            }
            mine.agent = null;
            keepsakes.forget(taskId);
            held.remove(taskId, mine);
            return kind != null;
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new ToolException("the browser was not given back: " + cause.getMessage(), true, e);
        } catch (ProblemException | GateShutException e) {
            throw new ToolException("the browser was not given back: " + e.getMessage(), true, e);
        } finally {
            mine.lock.unlock();
        }
    }

    private AgentClient agent(String taskId, Held mine) throws IOException, ToolException, InterruptedException {
        mine.lock.lockInterruptibly();
        try {
            AgentClient known = mine.agent;
            if (known != null) {
                if (isOver(known)) {
                    mine.agent = null;
                    throw late(known, null);
                }
                return known;
            }
            Keepsake last = keepsakes.last(taskId);
            BrowserRequest request = new BrowserRequest(
                    taskId,
                    Duration.ofMillis(settings.limit_ms()),
                    Duration.ofMillis(settings.patience_ms()),
                    null,
                    settings.egress().length == 0 ? null : List.of(settings.egress()));
            BrowserSession session = providers.acquire(
                    request, last == null ? null : last.kind(), kind -> keepsakes.asks(taskId, last, kind));
            AgentClient agent = clients.of(session);
            mine.chrome = null;
            mine.agent = agent;
            return agent;
        } catch (GateShutException e) {
            throw new ToolException(String.valueOf(e.getMessage()), true, e);
        } finally {
            mine.lock.unlock();
        }
    }

    /** Where it is another browser than the last call's, or its Chrome is, it is made what that had become. */
    @SuppressWarnings("ReferenceEquality") // another one may have taken its place
    private void settle(String taskId, Held mine, AgentClient agent, Map<String, Object> about)
            throws IOException, ToolException, InterruptedException {
        mine.lock.lockInterruptibly();
        try {
            String chrome = agent.chromeId(LOOKED_WITHIN);
            if (mine.agent != agent || chrome.equals(mine.chrome)) {
                return;
            }
            BrowserSession session = agent.session();
            String since = session.since().toString();
            Keepsake last = keepsakes.last(taskId);
            if (last == null || last.since() == null) {
                keepsakes.store(taskId, Keepsake.nothing(session.kind()).of(session.kind(), since, chrome));
            } else if (!last.isOf(since, chrome)) {
                LOG.info("Task {} goes on in another browser: {}, Chrome {}", taskId, session, chrome);
                restore(agent, last, about);
                keepsakes.store(taskId, last.of(session.kind(), since, chrome));
            }
            mine.chrome = chrome;
        } finally {
            mine.lock.unlock();
        }
    }

    /** What cannot be restored is told, once: tried again, it would keep the task from every page there is. */
    private static void restore(AgentClient agent, Keepsake last, Map<String, Object> about)
            throws IOException, InterruptedException {
        about.clear();
        about.put("fresh", true);
        String lack;
        try {
            TaskBrowser other = new TaskBrowser(agent, RESTORED_WITHIN, (_, why) -> {
                throw why;
            });
            lack = other.take(last);
            if (last.hasPage()) {
                about.put("restored", last.url());
            }
        } catch (ToolException e) {
            lack = String.valueOf(e.getMessage());
        }
        if (lack != null) {
            LOG.warn("It did not get all that the last one had: {}", lack);
            about.put("notRestored", lack);
        }
    }

    /**
     * The action is done whatever becomes of this; it is only what another browser would go on from.
     *
     * @return false where Chrome was started again meanwhile, and knows nothing: what it had before stays kept
     */
    private boolean keep(String taskId, Held mine, TaskBrowser browser) throws InterruptedException {
        mine.lock.lockInterruptibly();
        try {
            if (mine.agent != null) {
                Keepsake now = browser.keepsake();
                if (mine.chrome != null && !mine.chrome.equals(now.chrome())) {
                    return false;
                }
                keepsakes.store(taskId, now);
            }
            return true;
        } catch (IOException | ToolException e) {
            LOG.warn("What the browser of task {} has become was not kept: {}", taskId, e.getMessage());
            return true;
        } finally {
            mine.lock.unlock();
        }
    }

    @SuppressWarnings("ReferenceEquality") // another one may have taken its place
    private static void forget(Held mine, AgentClient agent) throws InterruptedException {
        mine.lock.lockInterruptibly();
        try {
            if (mine.agent == agent) {
                mine.agent = null;
            }
        } finally {
            mine.lock.unlock();
        }
    }
}
