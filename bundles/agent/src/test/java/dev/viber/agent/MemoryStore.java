package dev.viber.agent;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import java.lang.reflect.Proxy;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.NullUnmarked;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;

/** The parts of a store an agent uses, in memory: a place holder for the SQLite store until that is there. */
@NullUnmarked
final class MemoryStore implements Store {
    private static final class State {
        final TreeMap<String, Tables.TaskRow> tasks = new TreeMap<>();
        final TreeMap<String, List<JournalEvent>> journal = new TreeMap<>();
        final TreeMap<String, Tables.ApprovalRow> approvals = new TreeMap<>();
        final TreeMap<String, Tables.ArtifactRow> artifacts = new TreeMap<>();
        final TreeMap<String, String> values = new TreeMap<>();

        State copy() {
            State copy = new State();
            copy.tasks.putAll(tasks);
            journal.forEach((k, v) -> copy.journal.put(k, new ArrayList<>(v)));
            copy.approvals.putAll(approvals);
            copy.artifacts.putAll(artifacts);
            copy.values.putAll(values);
            return copy;
        }
    }

    private final ExecutorService writer = Executors.newSingleThreadExecutor();
    private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();
    private volatile State state = new State();

    @Override
    public <T> Promise<T> write(Change<T> change) {
        Deferred<T> deferred = new Deferred<>();
        writer.execute(() -> {
            State next = state.copy();
            try {
                T result = change.apply(tables(next));
                state = next;
                listeners.forEach(l -> l.committed(List.of()));
                deferred.resolve(result);
            } catch (Exception e) {
                deferred.fail(e);
            }
        });
        return deferred.getPromise();
    }

    @Override
    public <T> T read(Question<T> question) {
        return question.apply(tables(state));
    }

    @Override
    public Registration listen(CommitListener listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    @Override
    public Map<String, Long> facts() {
        return Map.of();
    }

    void close() {
        writer.close();
    }

    private static Tables tables(State s) {
        Map<String, Object> parts = Map.of(
                "tasks",
                        part(Tables.Tasks.class, (name, a) -> switch (name) {
                            case "find" -> java.util.Optional.ofNullable(s.tasks.get(a[0]));
                            case "insert", "update" -> s.tasks.put(((Tables.TaskRow) a[0]).id(), (Tables.TaskRow) a[0]);
                            case "delete" -> {
                                s.journal.remove("task/" + a[0]);
                                s.approvals.values().removeIf(r -> r.taskId().equals(a[0]));
                                yield s.tasks.remove(a[0]);
                            }
                            case "open" ->
                                s.tasks.values().stream()
                                        .filter(r -> !r.phase().isEnded())
                                        .sorted(Comparator.comparing(Tables.TaskRow::createdAt))
                                        .toList();
                            default -> throw new UnsupportedOperationException(name);
                        }),
                "journal",
                        part(Tables.Journal.class, (name, a) -> switch (name) {
                            case "append" -> {
                                List<JournalEvent> had =
                                        s.journal.computeIfAbsent((String) a[0], k -> new ArrayList<>());
                                long first = had.size() + 1L;
                                ((List<?>) a[1]).forEach(e -> had.add((JournalEvent) e));
                                yield first;
                            }
                            case "read" -> {
                                List<JournalEvent> had = s.journal.getOrDefault(a[0], List.of());
                                int after = (int) (long) (Long) a[1];
                                yield after >= had.size()
                                        ? List.of()
                                        : List.of(new Segment(
                                                after + 1L, (String) a[0], after + 1L, had.subList(after, had.size())));
                            }
                            case "firstSeq" -> 1L;
                            case "drop" -> s.journal.remove(a[0]);
                            default -> throw new UnsupportedOperationException(name);
                        }),
                "approvals",
                        part(Tables.Approvals.class, (name, a) -> switch (name) {
                            case "put" -> s.approvals.put(((Tables.ApprovalRow) a[0]).id(), (Tables.ApprovalRow) a[0]);
                            case "list" ->
                                s.approvals.values().stream()
                                        .filter(r -> r.taskId().equals(a[0]))
                                        .toList();
                            case "find" -> java.util.Optional.ofNullable(s.approvals.get(a[0]));
                            case "voidOfTask" -> {
                                s.approvals.replaceAll((k, r) ->
                                        r.taskId().equals(a[0]) && r.state().equals("open")
                                                ? new Tables.ApprovalRow(
                                                        r.id(),
                                                        r.taskId(),
                                                        r.tool(),
                                                        r.arguments(),
                                                        r.reason(),
                                                        "void",
                                                        null,
                                                        r.createdAt(),
                                                        (Instant) a[1])
                                                : r);
                                yield null;
                            }
                            default -> throw new UnsupportedOperationException(name);
                        }),
                "artifacts",
                        part(Tables.Artifacts.class, (name, a) -> switch (name) {
                            case "put" ->
                                s.artifacts.put(
                                        ((Tables.ArtifactRow) a[0]).taskId() + "/" + ((Tables.ArtifactRow) a[0]).name(),
                                        (Tables.ArtifactRow) a[0]);
                            case "list" ->
                                s.artifacts.values().stream()
                                        .filter(r -> r.taskId().equals(a[0]))
                                        .toList();
                            default -> throw new UnsupportedOperationException(name);
                        }),
                "values",
                        part(Tables.Values.class, (name, a) -> switch (name) {
                            case "get" -> java.util.Optional.ofNullable(s.values.get(a[0]));
                            case "put" -> s.values.put((String) a[0], (String) a[1]);
                            case "remove" -> s.values.remove(a[0]);
                            case "list" -> new TreeMap<>(s.values.subMap((String) a[0], a[0] + "\uffff"));
                            default -> throw new UnsupportedOperationException(name);
                        }));
        return (Tables) Proxy.newProxyInstance(
                MemoryStore.class.getClassLoader(), new Class<?>[] {Tables.class}, (p, m, a) -> parts.get(m.getName()));
    }

    private interface Body {
        Object call(String name, Object[] arguments);
    }

    private static <T> T part(Class<T> type, Body body) {
        return type.cast(Proxy.newProxyInstance(
                MemoryStore.class.getClassLoader(), new Class<?>[] {type}, (p, m, a) -> {
                    Object result = body.call(m.getName(), a);
                    return m.getReturnType() == void.class ? null : result;
                }));
    }
}
