package dev.viber.controller;

import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskFilter;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.viber.ViberInfo.TaskPosition;
import java.util.ArrayList;
import java.util.List;

/**
 * What this viber holds for its gateway, as the store tells it; its own user's tasks, which have no viber id, are not
 * among it.
 *
 * @param running ids of the tasks that have not ended, oldest first
 * @param positions of every task that has not ended or has unacknowledged frames, those that have not ended first
 * @param unacked how many frames are not acknowledged
 */
record Held(List<String> running, List<TaskPosition> positions, long unacked) {
    private static final int PAGE = 500;

    /** The topic of a task's events. */
    static final String TOPIC = "task/";

    /** What the tables say now. */
    static Held of(Tables tables, String viberId) {
        List<String> running = new ArrayList<>();
        List<TaskPosition> open = new ArrayList<>();
        List<TaskPosition> ended = new ArrayList<>();
        long unacked = 0;
        for (TaskRow row : rows(tables, viberId)) {
            long last = tables.journal().lastSeq(TOPIC + row.id());
            long waiting = Math.max(0, last - row.peerSeq());
            unacked += waiting;
            TaskPosition position = new TaskPosition(row.id(), row.attempt(), last);
            if (!row.phase().isEnded()) {
                running.add(row.id());
                open.add(position);
            } else if (waiting > 0) {
                ended.add(position);
            }
        }
        open.addAll(ended);
        return new Held(running, open, unacked);
    }

    /** Every task of this viber's gateway, oldest first. */
    static List<TaskRow> rows(Tables tables, String viberId) {
        List<TaskRow> rows = new ArrayList<>();
        String before = null;
        while (true) {
            List<TaskRow> page = tables.tasks().list(new TaskFilter(null, viberId, before), PAGE);
            rows.addAll(page);
            if (page.size() < PAGE) {
                return rows.reversed();
            }
            before = tables.tasks().cursor(page.getLast());
        }
    }

    /** Forgets a task and everything kept under its id. */
    static void forget(Tables tables, String taskId) {
        tables.journal().drop(TOPIC + taskId);
        tables.tasks().delete(taskId);
        for (String prefix : List.of(Orders.MESSAGE, Orders.REMEMBER, Uploads.DONE)) {
            tables.values().list(prefix + taskId + "/").keySet().forEach(tables.values()::remove);
        }
    }
}
