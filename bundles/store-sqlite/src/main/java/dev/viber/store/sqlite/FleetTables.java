package dev.viber.store.sqlite;

import dev.viber.api.auth.Role;
import dev.viber.api.store.Tables.CommandRow;
import dev.viber.api.store.Tables.Commands;
import dev.viber.api.store.Tables.TokenRow;
import dev.viber.api.store.Tables.Tokens;
import dev.viber.api.store.Tables.ViberRow;
import dev.viber.api.store.Tables.Vibers;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Vibers, their tokens and the commands on their way to them. */
final class FleetTables {
    private FleetTables() {}

    record CommandTable(Db db) implements Commands {
        @Override
        public long add(String viberId, @Nullable String taskId, String body) {
            long cmd = db.first(
                            "INSERT INTO command_count (viber_id, last_cmd) VALUES (?, 1) ON CONFLICT (viber_id)"
                                    + " DO UPDATE SET last_cmd = last_cmd + 1 RETURNING last_cmd",
                            row -> row.getLong(1),
                            viberId)
                    .orElseThrow();
            db.update(
                    "INSERT INTO command (viber_id, cmd, task_id, body) VALUES (?, ?, ?, ?)",
                    viberId,
                    cmd,
                    taskId,
                    body);
            return cmd;
        }

        @Override
        public List<CommandRow> pending(String viberId) {
            return db.list(
                    "SELECT * FROM command WHERE viber_id = ? ORDER BY cmd",
                    row -> new CommandRow(
                            row.getString("viber_id"),
                            row.getLong("cmd"),
                            row.getString("task_id"),
                            row.getString("body")),
                    viberId);
        }

        @Override
        public void remove(String viberId, long cmd) {
            db.update("DELETE FROM command WHERE viber_id = ? AND cmd = ?", viberId, cmd);
        }

        @Override
        public void removeOfTask(String taskId) {
            db.update("DELETE FROM command WHERE task_id = ?", taskId);
        }

        @Override
        public void removeOfViber(String viberId) {
            db.update("DELETE FROM command WHERE viber_id = ?", viberId);
        }
    }

    record ViberTable(Db db) implements Vibers {
        @Override
        public Optional<ViberRow> find(String id) {
            return db.first("SELECT * FROM viber WHERE id = ?", ViberTable::row, id);
        }

        @Override
        public void put(ViberRow row) {
            db.update(
                    "INSERT OR REPLACE INTO viber (id, name, info, config, created_at, connected_at, last_seen_at)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row.id(),
                    row.name(),
                    row.info(),
                    row.config(),
                    row.createdAt(),
                    row.connectedAt(),
                    row.lastSeenAt());
        }

        @Override
        public List<ViberRow> list(@Nullable String afterId, int limit) {
            return db.list(
                    "SELECT * FROM viber WHERE id > ? ORDER BY id LIMIT ?",
                    ViberTable::row,
                    afterId == null ? "" : afterId,
                    limit);
        }

        @Override
        public void delete(String id) {
            db.update("DELETE FROM viber WHERE id = ?", id);
        }

        private static ViberRow row(ResultSet row) throws SQLException {
            return new ViberRow(
                    row.getString("id"),
                    row.getString("name"),
                    row.getString("info"),
                    row.getString("config"),
                    Db.when(row, "created_at"),
                    Db.instant(row, "connected_at"),
                    Db.instant(row, "last_seen_at"));
        }
    }

    record TokenTable(Db db) implements Tokens {
        @Override
        public Optional<TokenRow> find(String id) {
            return db.first("SELECT * FROM token WHERE id = ?", TokenTable::row, id);
        }

        @Override
        public void put(TokenRow row) {
            db.update(
                    "INSERT OR REPLACE INTO token (id, role, viber_id, name, hash, created_at, expires_at, revoked_at,"
                            + " old_hash, old_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    row.id(),
                    row.role().name().toLowerCase(Locale.ROOT),
                    row.viberId(),
                    row.name(),
                    row.hash(),
                    row.createdAt(),
                    row.expiresAt(),
                    row.revokedAt(),
                    row.oldHash(),
                    row.oldUntil());
        }

        @Override
        public List<TokenRow> list(@Nullable String viberId) {
            return viberId == null
                    ? db.list("SELECT * FROM token ORDER BY created_at DESC, id", TokenTable::row)
                    : db.list(
                            "SELECT * FROM token WHERE viber_id = ? ORDER BY created_at DESC, id",
                            TokenTable::row,
                            viberId);
        }

        private static TokenRow row(ResultSet row) throws SQLException {
            return new TokenRow(
                    row.getString("id"),
                    Role.valueOf(row.getString("role").toUpperCase(Locale.ROOT)),
                    row.getString("viber_id"),
                    row.getString("name"),
                    row.getString("hash"),
                    Db.when(row, "created_at"),
                    Db.instant(row, "expires_at"),
                    Db.instant(row, "revoked_at"),
                    row.getString("old_hash"),
                    Db.instant(row, "old_until"));
        }
    }
}
