package dev.viber.agent;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.StoreException;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.tool.Tool;
import dev.viber.api.tool.ToolContext;
import dev.viber.api.tool.ToolException;
import dev.viber.api.tool.ToolInfo;
import dev.viber.playbook.Playbooks;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.NullUnmarked;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

/** An agent on a real store with the real playbooks, and what a controller does to it. */
@NullUnmarked
final class Bench {
    static final String ANY = "{\"type\":\"object\"}";

    interface Body {
        Map<String, Object> call(Map<String, Object> arguments, ToolContext context)
                throws ToolException, InterruptedException;
    }

    /** A store that refuses every change behind the first so many, as if the process had died there. */
    static final class Crashing implements Store {
        private final Store store;
        private final AtomicInteger left;
        private final CountDownLatch dead = new CountDownLatch(1);
        private final Runnable died;

        Crashing(Store store, int changes, Runnable died) {
            this.died = died;
            this.store = store;
            left = new AtomicInteger(changes);
        }

        boolean isDead() {
            return dead.getCount() == 0;
        }

        void awaitDeathOr(BooleanSupplier ended, Bench bench) throws InterruptedException {
            bench.await(tables -> isDead() || ended.getAsBoolean());
        }

        @Override
        public <T> Promise<T> write(Change<T> change) {
            if (left.decrementAndGet() < 0) {
                dead.countDown();
                died.run();
                return Promises.failed(new StoreException("crashed", null));
            }
            return store.write(change);
        }

        @Override
        public <T> T read(Question<T> question) {
            return store.read(question);
        }

        @Override
        public Registration listen(CommitListener listener) {
            return store.listen(listener);
        }

        @Override
        public Map<String, Long> facts() {
            return store.facts();
        }
    }

    final Path folder;
    final MemoryStore store;
    private final Map<String, Object> settings = new LinkedHashMap<>();
    private final Playbooks playbooks = new Playbooks(configured(Playbooks.Settings.class, Map.of()));
    private final Map<Tool, Map<String, Object>> tools = new LinkedHashMap<>();
    private final List<Agent> agents = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition committed = lock.newCondition();
    Agent agent;
    Store behind;

    Bench(Path folder) {
        this.folder = folder;
        store = new MemoryStore();
        store.listen(segments -> signal());
        behind = store;
        settings.put("workspace", folder.toString());
        settings.put("tool_patience_ms", 500L);
    }

    private void signal() {
        lock.lock();
        try {
            committed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A store on which the process dies behind so many changes. */
    Crashing dying(int changes) {
        return new Crashing(store, changes, this::signal);
    }

    Bench with(String name, Object value) {
        settings.put(name, value);
        return this;
    }

    /** A store from now on, for the next agent. */
    Bench on(Store other) {
        behind = other;
        return this;
    }

    Bench start() {
        agent = new Agent(configured(Settings.class, settings));
        agents.add(agent);
        agent.bindExpressions(playbooks);
        agent.addPlanner(playbooks, Map.of());
        tools.forEach(agent::addTool);
        agent.bindStore(behind);
        return this;
    }

    static <T> T configured(Class<T> type, Map<String, Object> values) {
        return type.cast(Proxy.newProxyInstance(
                Bench.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> values.getOrDefault(method.getName(), method.getDefaultValue())));
    }

    Tool tool(String name, boolean idempotent, Body body) {
        return tool(name, idempotent, ANY, body);
    }

    Tool tool(String name, boolean idempotent, String schema, Body body) {
        Tool tool = new Tool() {
            @Override
            public ToolInfo info() {
                return new ToolInfo(name, "A tool.", schema);
            }

            @Override
            public boolean isIdempotent(Map<String, Object> arguments) {
                return idempotent;
            }

            @Override
            public Map<String, Object> call(Map<String, Object> arguments, ToolContext context)
                    throws ToolException, InterruptedException {
                return body.call(arguments, context);
            }
        };
        tools.put(tool, Map.of());
        if (agent != null) {
            agent.addTool(tool, Map.of());
        }
        return tool;
    }

    void forget(Tool tool) {
        tools.remove(tool);
    }

    /** What a controller does on task:submit. */
    void submit(String id, int attempt, String playbook) throws Exception {
        put(id, attempt, playbook);
        agent.wake(id);
    }

    void put(String id, int attempt, String playbook) throws Exception {
        Map<String, Object> options = playbook.isEmpty() ? Map.of() : Map.of("playbook", playbook);
        TaskRow row = new TaskRow(
                id,
                "goal of " + id,
                "viber-1",
                false,
                Phase.DISPATCHED,
                attempt,
                Json.write(options),
                null,
                null,
                Instant.now(),
                null,
                null,
                0,
                null,
                null,
                null);
        store.write(tables -> {
                    if (tables.tasks().find(id).isPresent()) {
                        tables.tasks().update(row);
                        tables.journal().drop("task/" + id);
                    } else {
                        tables.tasks().insert(row);
                    }
                    return true;
                })
                .getValue();
    }

    /** What a controller does on task:stop. */
    void stop(String id) throws Exception {
        store.write(tables -> {
                    TaskRow row = tables.tasks().find(id).orElseThrow();
                    tables.tasks()
                            .update(new TaskRow(
                                    row.id(),
                                    row.goal(),
                                    row.viberId(),
                                    row.pinned(),
                                    Phase.STOPPING,
                                    row.attempt(),
                                    row.options(),
                                    row.result(),
                                    row.error(),
                                    row.createdAt(),
                                    row.startedAt(),
                                    row.completedAt(),
                                    row.peerSeq(),
                                    row.leaseUntil(),
                                    row.deadline(),
                                    row.idempotencyKey(),
                                    row.traceparent()));
                    return true;
                })
                .getValue();
        agent.wake(id);
    }

    /** What a controller does on task:decision. */
    void decide(String taskId, boolean allow) throws Exception {
        ApprovalRow open = question(taskId);
        store.write(tables -> {
                    tables.approvals()
                            .put(new ApprovalRow(
                                    open.id(),
                                    open.taskId(),
                                    open.tool(),
                                    open.arguments(),
                                    open.reason(),
                                    allow ? "allowed" : "denied",
                                    "ada",
                                    open.createdAt(),
                                    Instant.now()));
                    return true;
                })
                .getValue();
        agent.wake(taskId);
    }

    /** The open question of a task, once there is one. */
    ApprovalRow question(String taskId) throws InterruptedException {
        await(tables -> open(tables, taskId) != null);
        return store.read(tables -> open(tables, taskId));
    }

    static ApprovalRow open(Tables tables, String taskId) {
        return tables.approvals().list(taskId, 100).stream()
                .filter(row -> row.state().equals("open"))
                .findFirst()
                .orElse(null);
    }

    void say(String taskId, int cmd, String message) throws Exception {
        store.write(tables -> {
                    tables.values()
                            .put(
                                    "message/" + taskId + "/" + cmd,
                                    Json.write(Map.of("mode", "steer", "message", message)));
                    return true;
                })
                .getValue();
        agent.wake(taskId);
    }

    TaskRow row(String id) {
        return store.read(tables -> tables.tasks().find(id).orElseThrow());
    }

    /** The task, once it has ended. */
    TaskRow ended(String id) throws InterruptedException {
        return reached(id, Phase::isEnded);
    }

    TaskRow reached(String id, Predicate<Phase> phase) throws InterruptedException {
        await(tables -> phase.test(tables.tasks().find(id).orElseThrow().phase()));
        return row(id);
    }

    void await(Predicate<Tables> holds) throws InterruptedException {
        long left = Duration.ofSeconds(30).toNanos();
        lock.lock();
        try {
            while (!store.read(holds::test)) {
                if (left <= 0) {
                    throw new AssertionError("did not come about in 30 s; " + dump()
                            + store.read(t -> t.tasks().find("t1")));
                }
                left = committed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private String dump() {
        return store.read(tables -> tables.tasks().open(100).stream()
                .map(row -> row.id() + " " + row.phase() + " " + journal(row.id()))
                .toList()
                .toString());
    }

    List<JournalEvent> journal(String id) {
        List<JournalEvent> events = new ArrayList<>();
        long after = 0;
        while (true) {
            long from = after;
            List<Segment> page = store.read(tables -> tables.journal().read("task/" + id, from, 100));
            if (page.isEmpty()) {
                return events;
            }
            page.forEach(segment -> events.addAll(segment.events()));
            after = page.getLast().lastSeq();
        }
    }

    /** The journal as short words: {@code started}, {@code step:find:completed}, {@code tool-call}. */
    List<String> words(String id) {
        return journal(id).stream()
                .map(event -> {
                    if (!event.kind().equals("progress")) {
                        return event.kind();
                    }
                    var inner = Json.tree(event.data()).path("event");
                    String kind = inner.path("kind").asString("");
                    return kind.equals("step")
                            ? "%s:%s"
                                    .formatted(
                                            inner.path("step").asString(""),
                                            inner.path("state").asString(""))
                            : kind;
                })
                .toList();
    }

    Map<String, Object> outputs(String id) {
        Object outputs = Json.object(row(id).result()).get("outputs");
        return Json.object(Json.write(outputs));
    }

    /** The agent is gone, with nothing more written. */
    void kill() throws InterruptedException {
        agent.drain(Duration.ZERO);
    }

    void close() throws Exception {
        for (Agent each : agents) {
            each.drain(Duration.ZERO);
        }
        store.close();
    }
}
