package dev.viber.store.sqlite;

import dev.viber.api.store.Workloads;
import dev.viber.api.workload.ReplicaLifecycle;
import dev.viber.api.workload.Workload;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Workloads and their replicas. */
record WorkloadTable(Db db) implements Workloads {
    private static final String WANTED = "wanted";
    private static final String DELETING = "deleting";

    @Override
    public long insert(WorkloadRow row) {
        return db.first(
                        "INSERT INTO workloads (name, status, template, replicas, restart, created_at, updated_at)"
                                + " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                        id -> id.getLong(1),
                        row.name(),
                        row.isLeaving() ? DELETING : WANTED,
                        row.template(),
                        row.replicas(),
                        row.restart().word(),
                        row.createdAt(),
                        row.updatedAt())
                .orElseThrow();
    }

    @Override
    public void update(WorkloadRow row) {
        db.update(
                "UPDATE workloads SET status = ?, template = ?, replicas = ?, restart = ?, updated_at = ? WHERE id = ?",
                row.isLeaving() ? DELETING : WANTED,
                row.template(),
                row.replicas(),
                row.restart().word(),
                row.updatedAt(),
                row.id());
    }

    @Override
    public Optional<WorkloadRow> find(String name) {
        return db.first("SELECT * FROM workloads WHERE name = ?", WorkloadTable::workload, name);
    }

    @Override
    public List<WorkloadRow> list() {
        return db.list("SELECT * FROM workloads ORDER BY name", WorkloadTable::workload);
    }

    @Override
    public void delete(long id) {
        db.update("DELETE FROM workloads WHERE id = ?", id);
    }

    @Override
    public List<ReplicaRow> replicas(long id) {
        return db.list("SELECT * FROM replicas WHERE workload_id = ? ORDER BY number", WorkloadTable::replica, id);
    }

    @Override
    public void put(ReplicaRow row) {
        db.update(
                "INSERT INTO replicas (workload_id, number, phase, vm_id, restarts, failures, reason, not_before)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (workload_id, number) DO UPDATE SET"
                        + " phase = excluded.phase, vm_id = excluded.vm_id, restarts = excluded.restarts,"
                        + " failures = excluded.failures, reason = excluded.reason, not_before = excluded.not_before",
                row.workloadId(),
                row.number(),
                row.phase().word(),
                row.vmId(),
                row.restarts(),
                row.failures(),
                row.reason(),
                row.notBefore());
    }

    @Override
    public void delete(long id, int number) {
        db.update("DELETE FROM replicas WHERE workload_id = ? AND number = ?", id, number);
    }

    private static WorkloadRow workload(ResultSet row) throws SQLException {
        return new WorkloadRow(
                row.getLong("id"),
                row.getString("name"),
                row.getString("status").equals(DELETING),
                row.getString("template"),
                row.getInt("replicas"),
                Workload.Restart.of(row.getString("restart")),
                Db.when(row, "created_at"),
                Db.when(row, "updated_at"));
    }

    private static ReplicaRow replica(ResultSet row) throws SQLException {
        return new ReplicaRow(
                row.getLong("workload_id"),
                row.getInt("number"),
                ReplicaLifecycle.Phase.of(row.getString("phase")),
                Db.number(row, "vm_id"),
                row.getInt("restarts"),
                row.getInt("failures"),
                row.getString("reason"),
                Db.instant(row, "not_before"));
    }
}
