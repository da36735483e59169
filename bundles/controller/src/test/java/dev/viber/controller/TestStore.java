package dev.viber.controller;

import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Segment;
import dev.viber.api.store.Store;
import dev.viber.api.store.StoreException;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.TaskFilter;
import dev.viber.api.store.Tables.TaskRow;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;

/**
 * A store in memory with the contract's order of things: one writer, whole changes, listeners before promises. Stands in
 * until the SQLite store is there to be tested with.
 */
final class TestStore implements Store, AutoCloseable {
    private final ExecutorService writer =
            Executors.newSingleThreadExecutor(Thread.ofVirtual().name("store-").factory());
    private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();
    private volatile State state = new State();

    TestStore(Path file) {
        assert file.isAbsolute();
    }

    Store store() {
        return this;
    }

    @Override
    public <T extends @Nullable Object> Promise<T> write(Change<T> change) {
        Deferred<T> deferred = new Deferred<>();
        writer.execute(() -> {
            State next = new State(state);
            try {
                T result = change.apply(next.tables());
                state = next;
                if (!next.fresh.isEmpty()) {
                    listeners.forEach(listener -> listener.committed(List.copyOf(next.fresh)));
                }
                deferred.resolve(result);
            } catch (Exception e) {
                deferred.fail(e);
            }
        });
        return deferred.getPromise();
    }

    @Override
    public <T extends @Nullable Object> T read(Question<T> question) {
        return question.apply(new State(state).tables());
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

    @Override
    public void close() {
        writer.close();
    }

    private static final class State {
        private final Map<String, TaskRow> tasks;
        private final Map<String, List<JournalEvent>> topics;
        private final TreeMap<String, String> values;
        private final Map<String, ApprovalRow> approvals;
        private final List<Segment> fresh = new ArrayList<>();

        State() {
            tasks = new LinkedHashMap<>();
            topics = new LinkedHashMap<>();
            values = new TreeMap<>();
            approvals = new LinkedHashMap<>();
        }

        State(State had) {
            tasks = new LinkedHashMap<>(had.tasks);
            topics = new LinkedHashMap<>(had.topics);
            values = new TreeMap<>(had.values);
            approvals = new LinkedHashMap<>(had.approvals);
        }

        /** Only the calls the controller may make; any other fails the test that makes it. */
        private @Nullable Object call(Object proxy, Method method, Object @Nullable [] given) {
            Object[] a = given == null ? new Object[0] : given;
            Class<?> of = method.getDeclaringClass();
            String name = method.getName();
            if (of == Tables.class) {
                return Proxy.newProxyInstance(
                        TestStore.class.getClassLoader(), new Class<?>[] {method.getReturnType()}, this::call);
            }
            return switch (of.getSimpleName() + "." + name) {
                case "Tasks.find" -> Optional.ofNullable(tasks.get((String) a[0]));
                case "Tasks.insert" -> {
                    TaskRow row = (TaskRow) a[0];
                    if (tasks.putIfAbsent(row.id(), row) != null) {
                        throw new StoreException("there already: " + row.id(), null);
                    }
                    yield row;
                }
                case "Tasks.update" -> {
                    TaskRow row = (TaskRow) a[0];
                    if (tasks.replace(row.id(), row) == null) {
                        throw new StoreException("not there: " + row.id(), null);
                    }
                    yield row;
                }
                case "Tasks.peerSeq" -> tasks.computeIfPresent((String) a[0], (id, row) -> at(row, (Long) a[1]));
                case "Tasks.list" -> {
                    TaskFilter filter = (TaskFilter) a[0];
                    yield tasks.values().stream()
                            .filter(row ->
                                    filter.viberId() == null || filter.viberId().equals(row.viberId()))
                            .toList()
                            .reversed();
                }
                case "Tasks.delete" -> Optional.ofNullable(tasks.remove((String) a[0]));
                case "Journal.append" -> {
                    List<JournalEvent> events = new ArrayList<>(topics.getOrDefault((String) a[0], List.of()));
                    long seq = events.size() + 1L;
                    @SuppressWarnings("unchecked")
                    List<JournalEvent> more = (List<JournalEvent>) a[1];
                    events.addAll(more);
                    topics.put((String) a[0], events);
                    fresh.add(new Segment(seq, (String) a[0], seq, List.copyOf(more)));
                    yield seq;
                }
                case "Journal.read" -> {
                    List<JournalEvent> events = topics.getOrDefault((String) a[0], List.of());
                    int after = (int) Math.min(events.size(), (Long) a[1]);
                    int end = Math.min(events.size(), after + (Integer) a[2]);
                    yield after == end
                            ? List.of()
                            : List.of(new Segment(
                                    after + 1, (String) a[0], after + 1, List.copyOf(events.subList(after, end))));
                }
                case "Journal.lastSeq" ->
                    (long) topics.getOrDefault((String) a[0], List.of()).size();
                case "Journal.drop" -> Optional.ofNullable(topics.remove((String) a[0]));
                case "Approvals.find" -> Optional.ofNullable(approvals.get((String) a[0]));
                case "Approvals.put" ->
                    Optional.ofNullable(approvals.put(((ApprovalRow) a[0]).id(), (ApprovalRow) a[0]));
                case "Values.get" -> Optional.ofNullable(values.get((String) a[0]));
                case "Values.put" -> Optional.ofNullable(values.put((String) a[0], (String) a[1]));
                case "Values.remove" -> Optional.ofNullable(values.remove((String) a[0]));
                case "Values.list" ->
                    values.entrySet().stream()
                            .filter(entry -> entry.getKey().startsWith((String) a[0]))
                            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
                case "Artifacts.list" -> List.of();
                default -> throw new NoSuchElementException("not for this test: " + of.getSimpleName() + "." + name);
            };
        }

        private static TaskRow at(TaskRow row, long peerSeq) {
            return new TaskRow(
                    row.id(),
                    row.goal(),
                    row.viberId(),
                    row.pinned(),
                    row.phase(),
                    row.attempt(),
                    row.options(),
                    row.result(),
                    row.error(),
                    row.createdAt(),
                    row.startedAt(),
                    row.completedAt(),
                    peerSeq,
                    row.leaseUntil(),
                    row.deadline(),
                    row.idempotencyKey(),
                    row.traceparent());
        }

        Tables tables() {
            return (Tables)
                    Proxy.newProxyInstance(TestStore.class.getClassLoader(), new Class<?>[] {Tables.class}, this::call);
        }
    }
}
