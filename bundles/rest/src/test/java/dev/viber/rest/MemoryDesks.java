package dev.viber.rest;

import dev.viber.api.auth.Role;
import dev.viber.api.auth.Tokens;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.task.Approval;
import dev.viber.api.task.Decision;
import dev.viber.api.task.Task;
import dev.viber.api.task.TaskDesk;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskMessage;
import dev.viber.api.task.TaskSubmission;
import dev.viber.api.viber.Viber;
import dev.viber.api.viber.ViberDesk;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.Promises;

/** Desks and a journal by their contracts, held in memory; what the gateway does beyond them is not here. */
final class MemoryDesks implements TaskDesk, Tokens {
    final MemoryBus bus = new MemoryBus(this::published);
    final ViberDesk viberDesk = new Vibers();
    private final Map<String, Task> tasks = new LinkedHashMap<>();
    private final Map<String, String> keys = new HashMap<>();
    private final Map<String, Viber> vibers = new TreeMap<>();
    private final Map<String, Token> tokens = new LinkedHashMap<>();
    private final Map<String, Object> done = new ConcurrentHashMap<>();
    private final Map<String, Approval> approvals = new LinkedHashMap<>();
    volatile @Nullable String lastCaller;
    volatile @Nullable TaskSubmission lastSubmission;
    volatile @Nullable TaskMessage lastMessage;
    volatile @Nullable Decision lastDecision;

    // Tasks.

    private void published(String topic, long lastSeq) {
        if (topic.startsWith("task/")) { // only ever from inside move, which holds the lock
            synchronized (this) {
                tasks.computeIfPresent(topic.substring(5), (id, task) -> with(task, null, lastSeq));
            }
        }
    }

    private static Task with(Task task, @Nullable Phase phase, long lastSeq) {
        Phase now = phase == null ? Phase.valueOf(task.phase().toUpperCase(java.util.Locale.ROOT)) : phase;
        return new Task(
                task.id(),
                task.goal(),
                task.viberId(),
                now.status().word(),
                now.word(),
                task.attempt(),
                task.createdAt(),
                task.startedAt(),
                now.isEnded() ? Instant.EPOCH : null,
                task.result(),
                task.error(),
                task.artifacts(),
                task.usage(),
                lastSeq,
                task.traceparent(),
                null);
    }

    /** Puts a task into a phase, with the event of that; both at once. */
    synchronized Task move(String id, Phase phase, String kind, String data) {
        Task task = tasks.get(id);
        if (task == null) {
            throw ProblemException.notFound("task", id);
        }
        tasks.put(id, with(task, phase, task.lastSeq()));
        bus.publish("task/" + id, List.of(new JournalEvent(kind, 1_700_000_000_250L, data)));
        return tasks.get(id);
    }

    @Override
    public TaskDesk by(String caller) {
        lastCaller = caller;
        return this;
    }

    @Override
    public synchronized Promise<Submitted> submit(TaskSubmission submission) {
        lastSubmission = submission;
        String known = keys.get(String.valueOf(submission.idempotencyKey()));
        if (known != null) {
            return Promises.resolved(new Submitted(Objects.requireNonNull(tasks.get(known)), false));
        }
        if (submission.goal().equals("fail")) {
            return Promises.failed(ProblemException.invalid("/options/playbook", "steps is missing"));
        }
        if (submission.goal().equals("burst")) {
            return Promises.failed(new IllegalStateException("secret"));
        }
        String id = "t" + (tasks.size() + 1);
        tasks.put(
                id,
                new Task(
                        id,
                        submission.goal(),
                        submission.viberId(),
                        "pending",
                        "queued",
                        0,
                        Instant.EPOCH,
                        null,
                        null,
                        null,
                        null,
                        List.of(),
                        null,
                        0,
                        submission.traceparent(),
                        null));
        if (submission.idempotencyKey() != null) {
            keys.put(submission.idempotencyKey(), id);
        }
        return Promises.resolved(new Submitted(move(id, Phase.QUEUED, "queued", "{}"), true));
    }

    @Override
    public synchronized Optional<Task> find(String taskId) {
        return Optional.ofNullable(tasks.get(taskId));
    }

    @Override
    public synchronized Page<Task> list(Query query) {
        List<Task> all = new ArrayList<>(tasks.values())
                .reversed().stream()
                        .filter(t -> query.status() == null || query.status().equals(t.status()))
                        .filter(t -> query.phase() == null || query.phase().equals(t.phase()))
                        .filter(t -> query.viberId() == null || query.viberId().equals(t.viberId()))
                        .toList();
        return page(all, query.cursor(), query.limit());
    }

    private static <T> Page<T> page(List<T> all, @Nullable String cursor, int limit) {
        int from = cursor == null ? 0 : Integer.parseInt(cursor);
        int to = Math.min(all.size(), from + limit);
        return new Page<>(all.subList(from, to), to < all.size() ? String.valueOf(to) : null);
    }

    private Promise<Task> moved(String taskId, Phase phase, String kind) {
        return tasks.containsKey(taskId)
                ? Promises.resolved(move(taskId, phase, kind, "{}"))
                : Promises.failed(ProblemException.notFound("task", taskId));
    }

    @Override
    public synchronized Promise<Task> stop(String taskId) {
        return moved(taskId, Phase.STOPPED, "stopped");
    }

    @Override
    public synchronized Promise<Task> message(String taskId, TaskMessage message) {
        lastMessage = message;
        return moved(taskId, Phase.RUNNING, "message");
    }

    @Override
    public synchronized Promise<Task> retry(String taskId) {
        return moved(taskId, Phase.QUEUED, "retried");
    }

    @Override
    public synchronized Promise<Task> revive(String taskId) {
        Task task = tasks.get(taskId);
        return task == null || !task.phase().equals("dead")
                ? Promises.failed(ProblemException.notFound("dead letter", taskId))
                : retry(taskId);
    }

    @Override
    public TaskDesk once(String key) {
        return (TaskDesk) Proxy.newProxyInstance(
                MemoryDesks.class.getClassLoader(), new Class<?>[] {TaskDesk.class}, (proxy, method, arguments) -> {
                    Object had = done.get(key + method.getName() + arguments[0]);
                    if (had == null) {
                        had = method.invoke(this, arguments);
                        done.put(key + method.getName() + arguments[0], had);
                    }
                    return had;
                });
    }

    @Override
    public synchronized Promise<Issued> issueOnce(
            Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime, String once) {
        Object had = done.get(once);
        if (had instanceof Issued issued) {
            return Promises.resolved(issued);
        }
        return issue(role, viberId, name, lifetime).onSuccess(issued -> done.put(once, issued));
    }

    synchronized void ask(String id, String taskId) {
        approvals.put(
                id, new Approval(id, taskId, null, Map.of(), "outcome unknown", "open", null, Instant.EPOCH, null));
    }

    @Override
    public synchronized Promise<Approval> decide(String approvalId, Decision decision) {
        lastDecision = decision;
        Approval open = approvals.get(approvalId);
        if (open == null) {
            return Promises.failed(ProblemException.notFound("question", approvalId));
        }
        if (!open.state().equals("open")) {
            return Promises.failed(new ProblemException(Kind.CONFLICT, "It was answered already"));
        }
        Approval done = new Approval(
                open.id(),
                open.taskId(),
                open.tool(),
                open.arguments(),
                open.reason(),
                decision.allow() ? "allowed" : "denied",
                decision.by(),
                open.createdAt(),
                Instant.EPOCH);
        approvals.put(approvalId, done);
        return Promises.resolved(done);
    }

    @Override
    public synchronized List<Approval> approvals(@Nullable String taskId) {
        return approvals.values().stream()
                .filter(a -> taskId == null || taskId.equals(a.taskId()))
                .toList();
    }

    @Override
    public synchronized Promise<Integer> prune(@Nullable String taskId) {
        List<Task> dead = tasks.values().stream()
                .filter(t -> t.phase().equals("dead") && (taskId == null || taskId.equals(t.id())))
                .toList();
        dead.forEach(t -> tasks.put(t.id(), with(t, Phase.BURIED, t.lastSeq())));
        return Promises.resolved(dead.size());
    }

    // Tokens.

    @Override
    public synchronized Promise<Issued> issue(
            Role role, @Nullable String viberId, @Nullable String name, @Nullable Duration lifetime) {
        String id = "k" + (tokens.size() + 1);
        tokens.put(
                id,
                new Token(
                        id,
                        role,
                        viberId,
                        name,
                        Instant.EPOCH,
                        lifetime == null ? null : Instant.EPOCH.plus(lifetime),
                        null));
        return Promises.resolved(new Issued(id, viberId, "secret-" + id));
    }

    @Override
    public synchronized List<Token> list(@Nullable String viberId) {
        return new ArrayList<>(tokens.values())
                .reversed().stream()
                        .filter(t -> viberId == null || viberId.equals(t.viberId()))
                        .toList();
    }

    @Override
    public synchronized Optional<Token> byId(String tokenId) {
        return Optional.ofNullable(tokens.get(tokenId));
    }

    @Override
    public synchronized Promise<Issued> rotate(String tokenId, Duration grace) {
        return tokens.containsKey(tokenId)
                ? Promises.resolved(new Issued(tokenId, null, "rotated-" + tokenId))
                : Promises.failed(ProblemException.notFound("token", tokenId));
    }

    @Override
    public synchronized Promise<Token> revoke(String tokenId) {
        Token had = tokens.get(tokenId);
        return had == null ? Promises.failed(ProblemException.notFound("token", tokenId)) : Promises.resolved(had);
    }

    @Override
    public Promise<Integer> revokeAll(String viberId) {
        return Promises.resolved(0);
    }

    /** Vibers, of whom none ever connects. */
    private final class Vibers implements ViberDesk {
        @Override
        public synchronized Page<Viber> list(@Nullable String cursor, int limit) {
            return page(List.copyOf(vibers.values()), cursor, limit);
        }

        @Override
        public synchronized Optional<Viber> find(String id) {
            return Optional.ofNullable(vibers.get(id));
        }

        @Override
        public synchronized Promise<Viber> ensure(String viberId, @Nullable String name) {
            return Promises.resolved(
                    vibers.computeIfAbsent(viberId, id -> viber(id, name == null ? id : name, Map.of())));
        }

        @Override
        public synchronized Promise<Viber> change(
                String viberId, @Nullable String name, @Nullable Map<String, Object> config) {
            Viber had = vibers.get(viberId);
            if (had == null) {
                return Promises.failed(ProblemException.notFound("viber", viberId));
            }
            Viber now = viber(viberId, name == null ? had.name() : name, config == null ? had.config() : config);
            vibers.put(viberId, now);
            return Promises.resolved(now);
        }

        @Override
        public synchronized Promise<Viber> delete(String viberId) {
            Viber gone = vibers.remove(viberId);
            return gone == null
                    ? Promises.failed(ProblemException.notFound("viber", viberId))
                    : Promises.resolved(gone);
        }
    }

    private static Viber viber(String id, String name, Map<String, Object> config) {
        return new Viber(
                id,
                name,
                "offline",
                null,
                null,
                null,
                List.of(),
                List.of(),
                List.of(),
                null,
                List.of(),
                false,
                Instant.EPOCH,
                null,
                null,
                null,
                config,
                null,
                null);
    }
}
