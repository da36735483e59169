package dev.viber.store.sqlite;

import dev.viber.api.store.Tables.DeviceGrantRow;
import dev.viber.api.store.Tables.DeviceGrants;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Device grants under way. */
record DeviceGrantTable(Db db) implements DeviceGrants {
    @Override
    public Optional<DeviceGrantRow> find(String deviceHash) {
        return db.first("SELECT * FROM device_grant WHERE device_hash = ?", DeviceGrantTable::row, deviceHash);
    }

    @Override
    public Optional<DeviceGrantRow> findByUserCode(String userHash) {
        return db.first("SELECT * FROM device_grant WHERE user_hash = ?", DeviceGrantTable::row, userHash);
    }

    @Override
    public void put(DeviceGrantRow row) {
        db.update(
                "INSERT OR REPLACE INTO device_grant (device_hash, user_hash, client_id, viber_id, name, capabilities,"
                        + " address, state, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row.deviceHash(),
                row.userHash(),
                row.clientId(),
                row.viberId(),
                row.name(),
                row.capabilities(),
                row.address(),
                row.state(),
                row.createdAt(),
                row.expiresAt());
    }

    @Override
    public long count(@Nullable String address) {
        return address == null
                ? db.first("SELECT count(*) FROM device_grant", row -> row.getLong(1))
                        .orElseThrow()
                : db.first("SELECT count(*) FROM device_grant WHERE address = ?", row -> row.getLong(1), address)
                        .orElseThrow();
    }

    @Override
    public void delete(String deviceHash) {
        db.update("DELETE FROM device_grant WHERE device_hash = ?", deviceHash);
    }

    @Override
    public void purge(Instant expiredBefore) {
        db.update("DELETE FROM device_grant WHERE expires_at < ?", expiredBefore);
    }

    private static DeviceGrantRow row(ResultSet row) throws SQLException {
        return new DeviceGrantRow(
                row.getString("device_hash"),
                row.getString("user_hash"),
                row.getString("client_id"),
                row.getString("viber_id"),
                row.getString("name"),
                row.getString("capabilities"),
                row.getString("address"),
                row.getString("state"),
                Db.when(row, "created_at"),
                Db.when(row, "expires_at"));
    }
}
