package dev.viber.store.sqlite;

import dev.viber.api.store.Tables.Leases;
import dev.viber.api.store.Tables.SnapshotRow;
import dev.viber.api.store.Tables.Snapshots;
import dev.viber.api.store.Tables.VmRow;
import dev.viber.api.store.Tables.Vms;
import dev.viber.api.vm.VmLifecycle;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** MicroVMs and their addresses. */
final class VmTables {
    private VmTables() {}

    /** MicroVMs. */
    record VmTable(Db db) implements Vms {
        @Override
        public long insert(VmRow row) {
            return db.first(
                            "INSERT INTO vms (name, status, phase, spec, pid, start_ticks, boot_id, ip_address, mac_address,"
                                    + " cpu_cores, memory_mb, kernel_cmdline, hypervisor, accelerator, error, token, guest,"
                                    + " created_at, updated_at, started_at, ready_at, origin)"
                                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                                    + " RETURNING id",
                            id -> id.getLong(1),
                            row.name(),
                            row.phase().status().word(),
                            row.phase().word(),
                            row.spec(),
                            row.pid(),
                            row.startTicks(),
                            row.bootId(),
                            row.ipAddress(),
                            row.macAddress(),
                            row.cpuCores(),
                            row.memoryMb(),
                            row.kernelCmdline(),
                            row.hypervisor(),
                            row.accelerator(),
                            row.error(),
                            row.token(),
                            row.guest(),
                            row.createdAt(),
                            row.updatedAt(),
                            row.startedAt(),
                            row.readyAt(),
                            row.origin())
                    .orElseThrow();
        }

        @Override
        public void update(VmRow row) {
            db.update(
                    "UPDATE vms SET status = ?, phase = ?, spec = ?, pid = ?, start_ticks = ?, boot_id = ?,"
                            + " kernel_cmdline = ?, hypervisor = ?, accelerator = ?, error = ?, token = ?, guest = ?,"
                            + " updated_at = ?, started_at = ?, ready_at = ?, origin = ? WHERE id = ?",
                    row.phase().status().word(),
                    row.phase().word(),
                    row.spec(),
                    row.pid(),
                    row.startTicks(),
                    row.bootId(),
                    row.kernelCmdline(),
                    row.hypervisor(),
                    row.accelerator(),
                    row.error(),
                    row.token(),
                    row.guest(),
                    row.updatedAt(),
                    row.startedAt(),
                    row.readyAt(),
                    row.origin(),
                    row.id());
        }

        @Override
        public Optional<VmRow> find(String name) {
            return db.first("SELECT * FROM vms WHERE name = ?", VmTable::row, name);
        }

        @Override
        public List<VmRow> list() {
            return db.list("SELECT * FROM vms ORDER BY id", VmTable::row);
        }

        @Override
        public void delete(long id) {
            db.update("DELETE FROM vms WHERE id = ?", id);
        }

        private static VmRow row(ResultSet row) throws SQLException {
            return new VmRow(
                    row.getLong("id"),
                    row.getString("name"),
                    VmLifecycle.Phase.of(row.getString("phase")),
                    row.getString("spec"),
                    Db.number(row, "pid"),
                    Db.number(row, "start_ticks"),
                    row.getString("boot_id"),
                    row.getString("ip_address"),
                    row.getString("mac_address"),
                    row.getInt("cpu_cores"),
                    row.getInt("memory_mb"),
                    row.getString("kernel_cmdline"),
                    row.getString("hypervisor"),
                    row.getString("accelerator"),
                    row.getString("error"),
                    row.getString("token"),
                    row.getString("guest"),
                    Db.when(row, "created_at"),
                    Db.when(row, "updated_at"),
                    Db.instant(row, "started_at"),
                    Db.instant(row, "ready_at"),
                    Db.number(row, "origin"));
        }
    }

    /** Snapshots of microVMs. */
    record SnapshotTable(Db db) implements Snapshots {
        @Override
        public long insert(SnapshotRow row) {
            return db.first(
                            "INSERT INTO snapshots (name, vm, kept, whole, spec, kernel_cmdline, hypervisor, accelerator,"
                                    + " bound_to, files, bytes, created_at)"
                                    + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                            id -> id.getLong(1),
                            row.name(),
                            row.vm(),
                            row.kept(),
                            row.whole(),
                            row.spec(),
                            row.kernelCmdline(),
                            row.hypervisor(),
                            row.accelerator(),
                            row.boundTo(),
                            row.files(),
                            row.bytes(),
                            row.createdAt())
                    .orElseThrow();
        }

        @Override
        public void update(SnapshotRow row) {
            db.update(
                    "UPDATE snapshots SET whole = ?, files = ?, bytes = ? WHERE id = ?",
                    row.whole(),
                    row.files(),
                    row.bytes(),
                    row.id());
        }

        @Override
        public Optional<SnapshotRow> find(String name) {
            return db.first("SELECT * FROM snapshots WHERE name = ?", SnapshotTable::row, name);
        }

        @Override
        public Optional<SnapshotRow> find(long id) {
            return db.first("SELECT * FROM snapshots WHERE id = ?", SnapshotTable::row, id);
        }

        @Override
        public List<SnapshotRow> list() {
            return db.list("SELECT * FROM snapshots ORDER BY id", SnapshotTable::row);
        }

        @Override
        public void delete(long id) {
            db.update("DELETE FROM snapshots WHERE id = ?", id);
        }

        private static SnapshotRow row(ResultSet row) throws SQLException {
            return new SnapshotRow(
                    row.getLong("id"),
                    row.getString("name"),
                    row.getString("vm"),
                    row.getBoolean("kept"),
                    row.getBoolean("whole"),
                    row.getString("spec"),
                    row.getString("kernel_cmdline"),
                    row.getString("hypervisor"),
                    row.getString("accelerator"),
                    row.getString("bound_to"),
                    row.getString("files"),
                    row.getLong("bytes"),
                    Db.when(row, "created_at"));
        }
    }

    /** Addresses held for microVMs. */
    record LeaseTable(Db db) implements Leases {
        @Override
        public Optional<String> take(long first, long last, Instant now) {
            db.update("DELETE FROM ip_allocations WHERE status = 'quarantine' AND free_at <= ?", now);
            Set<Long> taken = new HashSet<>(db.list(
                    "SELECT number FROM ip_allocations WHERE number BETWEEN ? AND ?",
                    row -> row.getLong(1),
                    first,
                    last));
            for (long number = first; number <= last; number++) {
                if (!taken.contains(number)) {
                    String address = "%d.%d.%d.%d"
                            .formatted(number >>> 24, number >>> 16 & 255, number >>> 8 & 255, number & 255);
                    db.update(
                            "INSERT INTO ip_allocations (number, ip_address, status, leased_at) VALUES (?, ?, 'leased', ?)",
                            number,
                            address,
                            now);
                    return Optional.of(address);
                }
            }
            return Optional.empty();
        }

        @Override
        public void assign(String ipAddress, long vmId) {
            db.update("UPDATE ip_allocations SET vm_id = ? WHERE ip_address = ?", vmId, ipAddress);
        }

        @Override
        public void release(String ipAddress, Instant notBefore) {
            db.update(
                    "UPDATE ip_allocations SET status = 'quarantine', vm_id = NULL, free_at = ? WHERE ip_address = ?",
                    notBefore,
                    ipAddress);
        }

        @Override
        public List<String> leased() {
            return db.list(
                    "SELECT ip_address FROM ip_allocations WHERE status = 'leased' ORDER BY number",
                    row -> row.getString(1));
        }
    }
}
