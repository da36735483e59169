package dev.viber.tool.browser;

import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.browser.BrowserSession;
import dev.viber.api.browser.Browsers;
import dev.viber.api.gate.GateShutException;
import dev.viber.api.tool.TaskBound;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
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
    private static final String OF_TASKS = "tasks";
    private static final String BY_NAME = "named";
    private static final Duration RESTORED_WITHIN = Duration.ofSeconds(60);

    private final Settings settings;
    private final Vault vault;
    private final Providers providers;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http = HttpClient.newBuilder()
            .executor(threads)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private final Map<String, Held> held = new ConcurrentHashMap<>();

    /** A task's; the lock is held while it is had or given back, and while what it has become is written. */
    private static final class Held {
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable AgentClient agent;
    }

    /** What is done with a browser. */
    @FunctionalInterface
    interface Action {
        Map<String, Object> with(TaskBrowser browser) throws IOException, ToolException, InterruptedException;
    }

    /** Made by Declarative Services. */
    @Activate
    public TaskBrowsers(Settings settings) {
        this.settings = settings;
        vault = new Vault(Path.of(settings.profiles()).toAbsolutePath().normalize());
        providers = new Providers(Duration.ofMillis(settings.service_patience_ms()));
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
        http.shutdownNow();
        threads.shutdownNow();
    }

    @Override
    public Collection<String> tasks() {
        Set<String> out = new HashSet<>(held.keySet());
        try {
            out.addAll(vault.names(OF_TASKS));
        } catch (IOException e) {
            LOG.warn("The browsers of earlier tasks are not known: {}", e.toString());
        }
        return out;
    }

    @Override
    public void ended(String taskId) {
        if (tasks().contains(taskId)) {
            threads.execute(() -> {
                try {
                    giveBack(taskId);
                } catch (IOException | ToolException e) {
                    LOG.warn("The browser of task {}, which has ended, was not given back: {}", taskId, e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }
    }

    /**
     * Does something with the task's browser, and keeps what that made of it.
     *
     * @param repeatable whether it may be done once more where the browser was lost on the way
     */
    Map<String, Object> use(ToolContext context, Duration timeout, boolean repeatable, Action action)
            throws IOException, ToolException, InterruptedException {
        Held mine = held.computeIfAbsent(context.taskId(), _ -> new Held());
        Map<String, Object> about = new LinkedHashMap<>();
        for (boolean again = false; ; again = true) {
            AgentClient agent = agent(context.taskId(), mine, about);
            TaskBrowser browser = new TaskBrowser(agent, timeout);
            try {
                Map<String, Object> result = new LinkedHashMap<>(action.with(browser));
                keep(context.taskId(), mine, browser);
                result.putAll(about);
                return result;
            } catch (AgentClient.AwayException e) {
                forget(mine, agent);
                if (again) {
                    throw e;
                }
            } catch (IOException e) {
                forget(mine, agent);
                if (again || !repeatable) {
                    throw e;
                }
            }
        }
    }

    /** Ends the task's browser. */
    boolean giveBack(String taskId) throws IOException, ToolException, InterruptedException {
        Held mine = held.computeIfAbsent(taskId, _ -> new Held());
        mine.lock.lockInterruptibly();
        try {
            AgentClient agent = mine.agent;
            Keepsake last = last(taskId);
            String kind = agent != null ? agent.session().kind() : last == null ? null : last.kind();
            if (kind != null) {
                providers.release(taskId, kind);
            }
            mine.agent = null;
            vault.remove(OF_TASKS, taskId);
            return kind != null;
        } catch (InvocationTargetException | GateShutException e) {
            throw new ToolException("the browser was not given back: " + e.getMessage(), true, e);
        } finally {
            held.remove(taskId, mine);
            mine.lock.unlock();
        }
    }

    /** Keeps what a browser has become under a name. */
    void save(String name, Keepsake keepsake) throws IOException {
        vault.put(BY_NAME, name, new Keepsake(keepsake.url(), keepsake.profile(), null, null).write());
    }

    /**
     * What was kept under a name.
     *
     * @throws ToolException where there is nothing of that name
     */
    Keepsake saved(String name) throws IOException, ToolException {
        String text = vault.get(BY_NAME, name);
        if (text == null) {
            throw new ToolException("there is no profile '%s'; there are %s".formatted(name, vault.names(BY_NAME)));
        }
        return Keepsake.read(text);
    }

    private AgentClient agent(String taskId, Held mine, Map<String, Object> about)
            throws IOException, ToolException, InterruptedException {
        mine.lock.lockInterruptibly();
        try {
            AgentClient known = mine.agent;
            if (known != null) {
                return known;
            }
            Keepsake last = last(taskId);
            BrowserRequest request = new BrowserRequest(
                    taskId,
                    Duration.ofMillis(settings.limit_ms()),
                    Duration.ofMillis(settings.patience_ms()),
                    null,
                    settings.egress().length == 0 ? null : List.of(settings.egress()));
            BrowserSession session = providers.acquire(request, last == null ? null : last.kind());
            AgentClient agent = new AgentClient(http, session);
            if (last == null) {
                // Written at once: whoever is killed now finds what it had.
                store(
                        taskId,
                        new Keepsake(
                                "", Map.of(), session.kind(), session.since().toString()));
            } else if (!session.since().toString().equals(last.since())) {
                LOG.info("Task {} goes on in another browser: {}", taskId, session);
                about.put("fresh", true);
                if (last.hasPage()) {
                    about.put("restored", last.url());
                }
                new TaskBrowser(agent, RESTORED_WITHIN).take(last);
                store(
                        taskId,
                        new Keepsake(
                                last.url(),
                                last.profile(),
                                session.kind(),
                                session.since().toString()));
            }
            mine.agent = agent;
            return agent;
        } catch (GateShutException e) {
            throw new ToolException(String.valueOf(e.getMessage()), true, e);
        } finally {
            mine.lock.unlock();
        }
    }

    /** The action is done whatever becomes of this; it is only what another browser would go on from. */
    private void keep(String taskId, Held mine, TaskBrowser browser) throws InterruptedException {
        mine.lock.lockInterruptibly();
        try {
            if (mine.agent != null) {
                store(taskId, browser.keepsake());
            }
        } catch (IOException | ToolException e) {
            LOG.warn("What the browser of task {} has become was not kept: {}", taskId, e.getMessage());
        } finally {
            mine.lock.unlock();
        }
    }

    private @Nullable Keepsake last(String taskId) throws IOException {
        String text = vault.get(OF_TASKS, taskId);
        return text == null ? null : Keepsake.read(text);
    }

    private void store(String taskId, Keepsake keepsake) throws IOException {
        vault.put(OF_TASKS, taskId, keepsake.write());
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
