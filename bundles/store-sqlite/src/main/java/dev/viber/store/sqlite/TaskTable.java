package dev.viber.store.sqlite;

import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.StoreException;
import dev.viber.api.store.Tables.TaskFilter;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.store.Tables.Tasks;
import dev.viber.api.task.TaskLifecycle.Phase;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tasks. */
final class TaskTable implements Tasks {
    private static final String SELECT = "SELECT * FROM task ";

    private final Db db;

    TaskTable(Db db) {
        this.db = db;
    }

    @Override
    public Optional<TaskRow> find(String id) {
        return db.first(SELECT + "WHERE id = ?", TaskTable::row, id);
    }

    @Override
    public Optional<TaskRow> findByKey(String idempotencyKey) {
        return db.first(SELECT + "WHERE idempotency_key = ?", TaskTable::row, idempotencyKey);
    }

    @Override
    public void insert(TaskRow row) {
        db.update(
                "INSERT INTO task (id, goal, viber_id, pinned, phase, ended, attempt, options, result, error, created_at,"
                        + " started_at, completed_at, peer_seq, lease_until, deadline, idempotency_key,"
                        + " traceparent)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row.id(),
                row.goal(),
                row.viberId(),
                row.pinned(),
                row.phase().word(),
                row.phase().isEnded(),
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
                row.traceparent());
    }

    @Override
    public void update(TaskRow row) {
        int found = db.update(
                "UPDATE task SET goal = ?, viber_id = ?, pinned = ?, phase = ?, ended = ?, attempt = ?, options = ?,"
                        + " result = ?, error = ?, created_at = ?, started_at = ?, completed_at = ?, peer_seq = ?,"
                        + " lease_until = ?, deadline = ?, idempotency_key = ?, traceparent = ? WHERE id = ?",
                row.goal(),
                row.viberId(),
                row.pinned(),
                row.phase().word(),
                row.phase().isEnded(),
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
                row.traceparent(),
                row.id());
        if (found == 0) {
            throw new StoreException("there is no task '%s' to update".formatted(row.id()), null);
        }
    }

    @Override
    public void peerSeq(String id, long peerSeq) {
        db.update("UPDATE task SET peer_seq = ? WHERE id = ?", peerSeq, id);
    }

    @Override
    public List<TaskRow> list(TaskFilter filter, int limit) {
        StringBuilder sql = new StringBuilder(SELECT).append("WHERE 1");
        List<Object> values = new ArrayList<>();
        if (filter.phases() != null) {
            sql.append(" AND phase IN (")
                    .append("?,".repeat(filter.phases().size()))
                    .append("NULL)");
            filter.phases().forEach(phase -> values.add(phase.word()));
        }
        if (filter.viberId() != null) {
            sql.append(" AND viber_id = ?");
            values.add(filter.viberId());
        }
        if (filter.before() != null) {
            sql.append(" AND (created_at, id) < (?, ?)");
            int dot = filter.before().indexOf('.');
            try {
                values.add(Long.parseLong(filter.before().substring(0, Math.max(0, dot))));
            } catch (NumberFormatException _) {
                throw new ProblemException(
                        Kind.INVALID,
                        "cursor is '%s'; wanted the next of an earlier page of this list".formatted(filter.before()),
                        Map.of("parameter", "cursor"));
            }
            values.add(filter.before().substring(dot + 1));
        }
        values.add(limit);
        return db.list(
                sql.append(" ORDER BY created_at DESC, id DESC LIMIT ?").toString(), TaskTable::row, values.toArray());
    }

    @Override
    public String cursor(TaskRow row) {
        return row.createdAt().toEpochMilli() + "." + row.id();
    }

    @Override
    public List<TaskRow> queuedFor(String viberId, int limit) {
        return db.list(
                SELECT
                        + "WHERE phase = 'queued' AND (viber_id = ? OR viber_id IS NULL) ORDER BY created_at, id LIMIT ?",
                TaskTable::row,
                viberId,
                limit);
    }

    @Override
    public List<TaskRow> heldBy(String viberId) {
        return db.list(
                SELECT + "WHERE ended = 0 AND viber_id = ? AND phase <> 'queued' ORDER BY created_at, id",
                TaskTable::row,
                viberId);
    }

    @Override
    public List<TaskRow> open(int limit) {
        return db.list(SELECT + "WHERE ended = 0 ORDER BY created_at, id LIMIT ?", TaskTable::row, limit);
    }

    @Override
    public List<TaskRow> overdue(Instant now, int limit) {
        return db.list(
                SELECT + "WHERE id IN (SELECT id FROM task WHERE ended = 0 AND lease_until <= ?"
                        + " UNION SELECT id FROM task WHERE ended = 0 AND deadline <= ? AND phase <> 'stopping')"
                        + " ORDER BY created_at, id LIMIT ?",
                TaskTable::row,
                now,
                now,
                limit);
    }

    @Override
    public @Nullable Instant nextDue() {
        long due = db.number("SELECT MIN(due) FROM (SELECT MIN(lease_until) AS due FROM task WHERE ended = 0"
                + " AND lease_until IS NOT NULL UNION ALL SELECT MIN(deadline) FROM task WHERE ended = 0"
                + " AND deadline IS NOT NULL AND phase <> 'stopping')");
        return due == 0 ? null : Instant.ofEpochMilli(due);
    }

    @Override
    public @Nullable Instant oldestQueued() {
        long made = db.number("SELECT MIN(created_at) FROM task WHERE ended = 0 AND phase = 'queued'");
        return made == 0 ? null : Instant.ofEpochMilli(made);
    }

    @Override
    public Map<Phase, Long> counts() {
        Map<Phase, Long> counts = new EnumMap<>(Phase.class);
        db.list(
                        "SELECT phase, COUNT(*) AS tasks FROM task GROUP BY phase",
                        row -> Map.entry(phase(row), row.getLong("tasks")))
                .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
        return counts;
    }

    @Override
    public int purge(Instant endedBefore, int limit) {
        List<String> ids = db.list(
                "SELECT id FROM task WHERE ended = 1 AND completed_at < ? ORDER BY completed_at LIMIT ?",
                row -> row.getString(1),
                endedBefore,
                limit);
        ids.forEach(this::delete);
        return ids.size();
    }

    @Override
    public void delete(String id) {
        JournalTable.drop(db, "task/" + id);
        for (String table : List.of("command", "approval", "artifact")) {
            db.update("DELETE FROM " + table + " WHERE task_id = ?", id);
        }
        // What hangs on a task among the small facts begins with its topic.
        db.update("DELETE FROM value WHERE key >= ? AND key < ?", "task/" + id + "/", "task/" + id + "0");
        db.update("DELETE FROM value WHERE key = ?", "usage/" + id);
        db.update("DELETE FROM value WHERE key >= ? AND key < ?", "refused/" + id + "/", "refused/" + id + "0");
        db.update("DELETE FROM task WHERE id = ?", id);
    }

    private static Phase phase(ResultSet row) throws SQLException {
        return Phase.valueOf(row.getString("phase").toUpperCase(java.util.Locale.ROOT));
    }

    private static TaskRow row(ResultSet row) throws SQLException {
        return new TaskRow(
                row.getString("id"),
                row.getString("goal"),
                row.getString("viber_id"),
                row.getBoolean("pinned"),
                phase(row),
                row.getInt("attempt"),
                row.getString("options"),
                row.getString("result"),
                row.getString("error"),
                Db.when(row, "created_at"),
                Db.instant(row, "started_at"),
                Db.instant(row, "completed_at"),
                row.getLong("peer_seq"),
                Db.instant(row, "lease_until"),
                Db.instant(row, "deadline"),
                row.getString("idempotency_key"),
                row.getString("traceparent"));
    }
}
