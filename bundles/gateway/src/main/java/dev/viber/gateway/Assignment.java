package dev.viber.gateway;

import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Trigger;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gives queued tasks to vibers: the pinned ones to theirs, the others to the able viber with the least to do. */
final class Assignment {
    /** How many queued tasks are looked through for one that a viber is able to do. */
    private static final int LOOK_AHEAD = 256;

    /** A viber that has room, as its session sees it. */
    record Candidate(String viberId, Set<String> capabilities, int capacity, int busy) {}

    private final Tables tables;
    private final Effects effects;
    private final Instant now;
    private final Function<TaskRow, Set<String>> needs;

    /** {@code needs} tells the capability words a task's tools belong to. */
    Assignment(Tables tables, Effects effects, Instant now, Function<TaskRow, Set<String>> needs) {
        this.tables = tables;
        this.effects = effects;
        this.now = now;
        this.needs = needs;
    }

    /** Hands out what can be handed out; tells how many tasks that were. */
    int assign(Collection<Candidate> candidates) {
        Orders orders = new Orders(tables, effects);
        Map<String, Integer> given = new HashMap<>();
        PriorityQueue<Candidate> byLoad = new PriorityQueue<>(Comparator.comparingDouble(
                viber -> (double) (viber.busy() + given.getOrDefault(viber.viberId(), 0)) / viber.capacity()));
        byLoad.addAll(candidates);
        int assigned = 0;
        while (!byLoad.isEmpty()) {
            Candidate viber = byLoad.remove();
            int load = viber.busy() + given.getOrDefault(viber.viberId(), 0);
            TaskRow row = load < viber.capacity() ? next(viber) : null;
            if (row == null) {
                continue;
            }
            TaskEdit task = new TaskEdit(tables, effects, row, now);
            task.on(Trigger.DISPATCH);
            task.viberId = viber.viberId();
            task.attempt = row.attempt() + 1;
            task.peerSeq = 0;
            task.event(
                    "dispatched",
                    Infos.json(Map.of(
                            "viberId", viber.viberId(),
                            "attempt", task.attempt,
                            "why", why(row, viber, load, candidates.size()))));
            task.save();
            orders.submit(viber.viberId(), row, task.attempt);
            assigned++;
            given.merge(viber.viberId(), 1, Integer::sum);
            byLoad.add(viber);
        }
        return assigned;
    }

    private static String why(TaskRow row, Candidate viber, int load, int candidates) {
        String taken = "%d of %d slots taken".formatted(load, viber.capacity());
        if (row.pinned()) {
            return "asked for by name; " + taken;
        }
        return candidates == 1
                ? "the one with room; " + taken
                : "the least busy able one of %d with room; %s".formatted(candidates, taken);
    }

    private @Nullable TaskRow next(Candidate viber) {
        for (TaskRow row : tables.tasks().queuedFor(viber.viberId(), LOOK_AHEAD)) {
            boolean overdue = row.deadline() != null && !row.deadline().isAfter(now);
            if (!overdue && (row.pinned() || viber.capabilities().containsAll(needs.apply(row)))) {
                return row;
            }
        }
        return null;
    }
}
