package dev.viber.agent;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.StreamEvent;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/**
 * All a run writes: every change looks first whether the task is still of its attempt, and the first that finds it is not,
 * or that fails, shuts the journal for good.
 */
final class RunJournal {
    /** A change of this task; what it returns is appended to its topic. */
    @FunctionalInterface
    interface Entry {
        List<JournalEvent> apply(Tables tables, TaskRow row) throws Exception;
    }

    private final Gate<Store> store;
    private final String taskId;
    private final int attempt;
    private final Consumer<Throwable> shutBy;
    private volatile boolean shut;

    RunJournal(Gate<Store> store, String taskId, int attempt, Consumer<Throwable> shutBy) {
        this.store = store;
        this.taskId = taskId;
        this.attempt = attempt;
        this.shutBy = shutBy;
    }

    static String topic(String taskId) {
        return "task/" + taskId;
    }

    static String planKey(String taskId) {
        return "plan/" + taskId;
    }

    /** Nothing more is written from now on. */
    void shut() {
        shut = true;
    }

    /** Appends events in this order, behind what was appended before; the promise resolves when they are durable. */
    Promise<Boolean> append(StreamEvent... events) {
        List<JournalEvent> entries = new ArrayList<>();
        for (StreamEvent event : events) {
            entries.add(Json.progress(event));
        }
        return write((tables, row) -> entries);
    }

    /** Makes a change. @throws LeftException where the journal is shut */
    Promise<Boolean> write(Entry entry) {
        if (shut) {
            throw new LeftException("the run of task " + taskId + " has ended here");
        }
        Promise<Boolean> promise;
        try {
            promise = store.callAsync(s -> s.write(tables -> {
                if (shut) {
                    throw new LeftException("the run of task " + taskId + " has ended here");
                }
                TaskRow row = tables.tasks()
                        .find(taskId)
                        .filter(found ->
                                found.attempt() == attempt && found.phase().isHeld())
                        .orElseThrow(() ->
                                new LeftException("task %s is no longer at attempt %d".formatted(taskId, attempt)));
                List<JournalEvent> events = entry.apply(tables, row);
                if (!events.isEmpty()) {
                    tables.journal().append(topic(taskId), events);
                }
                return Boolean.TRUE;
            }));
        } catch (RuntimeException e) {
            shut = true;
            shutBy.accept(e);
            throw left(e);
        }
        return promise.onFailure(failure -> {
            shut = true;
            shutBy.accept(failure);
        });
    }

    /** Waits until a change is durable. @throws LeftException where it was not made */
    void await(Promise<Boolean> promise) throws InterruptedException {
        try {
            promise.getValue();
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            shut = true;
            // The promise tells this too, but on a thread of its own: by then the run might have come to its end.
            shutBy.accept(cause);
            throw left(cause);
        }
    }

    private LeftException left(@Nullable Throwable cause) {
        return new LeftException("task %s cannot be written: %s".formatted(taskId, cause));
    }

    /** Whether messages to the task lie in the store. */
    boolean hasMessages() {
        return !store.call(s -> s.read(tables -> tables.values().list("message/" + taskId + "/")))
                .isEmpty();
    }

    /** Takes the messages that came for the task out of the store, oldest first, as journal entries. */
    static List<JournalEvent> takeMessages(Tables tables, String taskId, List<Map<String, Object>> into) {
        String prefix = "message/" + taskId + "/";
        List<JournalEvent> entries = new ArrayList<>();
        tables.values().list(prefix).entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, String> entry) ->
                        numbered(entry.getKey().substring(prefix.length()))))
                .forEach(entry -> {
                    Map<String, Object> message = Json.object(entry.getValue());
                    into.add(message);
                    message = new LinkedHashMap<>(message);
                    message.put("kind", "message");
                    entries.add(Json.entry("progress", Json.write(Map.of("event", message))));
                    tables.values().remove(entry.getKey());
                });
        return entries;
    }

    /** Numbers in their own order, before all that is none. */
    private static String numbered(String cmd) {
        return cmd.matches("[0-9]{1,18}") ? "0" + "%018d".formatted(Long.parseLong(cmd)) : "1" + cmd;
    }
}
