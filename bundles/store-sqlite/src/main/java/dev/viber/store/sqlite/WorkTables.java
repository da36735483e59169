package dev.viber.store.sqlite;

import dev.viber.api.store.Tables.ApprovalRow;
import dev.viber.api.store.Tables.Approvals;
import dev.viber.api.store.Tables.ArtifactRow;
import dev.viber.api.store.Tables.Artifacts;
import dev.viber.api.store.Tables.PluginRow;
import dev.viber.api.store.Tables.Plugins;
import dev.viber.api.store.Tables.Values;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What hangs on tasks (questions, artifacts), plugins, and small facts. */
final class WorkTables {
    private WorkTables() {}

    record ApprovalTable(Db db) implements Approvals {
        @Override
        public Optional<ApprovalRow> find(String id) {
            return db.first("SELECT * FROM approval WHERE id = ?", ApprovalTable::row, id);
        }

        @Override
        public void put(ApprovalRow row) {
            db.update(
                    "INSERT OR REPLACE INTO approval (id, task_id, tool, arguments, reason, state, decided_by, created_at,"
                            + " decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row.id(),
                    row.taskId(),
                    row.tool(),
                    row.arguments(),
                    row.reason(),
                    row.state(),
                    row.decidedBy(),
                    row.createdAt(),
                    row.decidedAt());
        }

        @Override
        public List<ApprovalRow> list(@Nullable String taskId, int limit) {
            String order = " ORDER BY state <> 'open', created_at DESC, id LIMIT ?";
            return taskId == null
                    ? db.list("SELECT * FROM approval" + order, ApprovalTable::row, limit)
                    : db.list("SELECT * FROM approval WHERE task_id = ?" + order, ApprovalTable::row, taskId, limit);
        }

        @Override
        public void voidOfTask(String taskId, Instant at) {
            db.update(
                    "UPDATE approval SET state = 'void', decided_at = ? WHERE task_id = ? AND state = 'open'",
                    at,
                    taskId);
        }

        private static ApprovalRow row(ResultSet row) throws SQLException {
            return new ApprovalRow(
                    row.getString("id"),
                    row.getString("task_id"),
                    row.getString("tool"),
                    row.getString("arguments"),
                    row.getString("reason"),
                    row.getString("state"),
                    row.getString("decided_by"),
                    Db.when(row, "created_at"),
                    Db.instant(row, "decided_at"));
        }
    }

    record ArtifactTable(Db db) implements Artifacts {
        @Override
        public void put(ArtifactRow row) {
            db.update(
                    "INSERT OR REPLACE INTO artifact (task_id, name, type, bytes, sha256, location, created_at)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row.taskId(),
                    row.name(),
                    row.type(),
                    row.bytes(),
                    row.sha256(),
                    row.location(),
                    row.createdAt());
        }

        @Override
        public Optional<ArtifactRow> find(String taskId, String name) {
            return db.first("SELECT * FROM artifact WHERE task_id = ? AND name = ?", ArtifactTable::row, taskId, name);
        }

        @Override
        public List<ArtifactRow> list(String taskId) {
            return db.list("SELECT * FROM artifact WHERE task_id = ? ORDER BY name", ArtifactTable::row, taskId);
        }

        @Override
        public void deleteOfTask(String taskId) {
            db.update("DELETE FROM artifact WHERE task_id = ?", taskId);
        }

        @Override
        public boolean isKept(String sha256) {
            return db.first("SELECT 1 FROM artifact WHERE sha256 = ? LIMIT 1", row -> true, sha256)
                    .isPresent();
        }

        private static ArtifactRow row(ResultSet row) throws SQLException {
            return new ArtifactRow(
                    row.getString("task_id"),
                    row.getString("name"),
                    row.getString("type"),
                    row.getLong("bytes"),
                    row.getString("sha256"),
                    row.getString("location"),
                    Db.when(row, "created_at"));
        }
    }

    record PluginTable(Db db) implements Plugins {
        @Override
        public void put(PluginRow row) {
            db.update(
                    "INSERT OR REPLACE INTO plugin (id, viber_id, symbolic_name, version, digest, state, signature,"
                            + " location, former, services, error, source, offer, attempts, created_at, updated_at)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row.id(),
                    row.viberId(),
                    row.symbolicName(),
                    row.version(),
                    row.digest(),
                    row.state(),
                    row.signature(),
                    row.location(),
                    row.former(),
                    row.services(),
                    row.error(),
                    row.source(),
                    row.offer(),
                    row.attempts(),
                    row.createdAt(),
                    row.updatedAt());
        }

        @Override
        public Optional<PluginRow> find(String id) {
            return db.first("SELECT * FROM plugin WHERE id = ?", PluginTable::row, id);
        }

        @Override
        public List<PluginRow> list(@Nullable String viberId) {
            return viberId == null
                    ? db.list("SELECT * FROM plugin ORDER BY id", PluginTable::row)
                    : db.list("SELECT * FROM plugin WHERE viber_id = ? ORDER BY id", PluginTable::row, viberId);
        }

        @Override
        public void delete(String id) {
            db.update("DELETE FROM plugin WHERE id = ?", id);
        }

        private static PluginRow row(ResultSet row) throws SQLException {
            return new PluginRow(
                    row.getString("id"),
                    row.getString("viber_id"),
                    row.getString("symbolic_name"),
                    row.getString("version"),
                    row.getString("digest"),
                    row.getString("state"),
                    row.getString("signature"),
                    row.getString("location"),
                    row.getString("former"),
                    row.getString("services"),
                    row.getString("error"),
                    row.getString("source"),
                    row.getString("offer"),
                    row.getInt("attempts"),
                    Db.when(row, "created_at"),
                    Db.when(row, "updated_at"));
        }
    }

    record ValueTable(Db db) implements Values {
        @Override
        public Optional<String> get(String key) {
            return db.first("SELECT value FROM value WHERE key = ?", row -> row.getString(1), key);
        }

        @Override
        public void put(String key, String value) {
            db.update("INSERT OR REPLACE INTO value (key, value) VALUES (?, ?)", key, value);
        }

        @Override
        public void remove(String key) {
            db.update("DELETE FROM value WHERE key = ?", key);
        }

        @Override
        public Map<String, String> list(String prefix) {
            Map<String, String> found = new LinkedHashMap<>();
            db.list(
                            "SELECT key, value FROM value WHERE key >= ? AND key < ? ORDER BY key",
                            row -> Map.entry(row.getString(1), row.getString(2)),
                            prefix,
                            prefix + Character.MAX_VALUE)
                    .forEach(entry -> found.put(entry.getKey(), entry.getValue()));
            return found;
        }
    }
}
