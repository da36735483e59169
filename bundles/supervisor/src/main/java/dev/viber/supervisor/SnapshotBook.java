package dev.viber.supervisor;

import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.SnapshotRow;
import dev.viber.api.vm.Snapshot;
import dev.viber.api.vm.VmSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What the store knows of snapshots. */
final class SnapshotBook {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Gate<Store> store;
    private final VmBook vms;

    SnapshotBook(Gate<Store> store, VmBook vms) {
        this.store = store;
        this.vms = vms;
    }

    List<SnapshotRow> list() {
        return store.call(s -> s.read(tables -> tables.snapshots().list()));
    }

    /** One that people made: those of forks under way are nobody's. */
    Optional<SnapshotRow> find(String name) {
        return store.call(s -> s.read(tables -> tables.snapshots().find(name))).filter(SnapshotRow::kept);
    }

    SnapshotRow get(String name) {
        return find(name).orElseThrow(() -> ProblemException.notFound("snapshot", name));
    }

    Optional<SnapshotRow> find(long id) {
        return store.call(s -> s.read(tables -> tables.snapshots().find(id)));
    }

    /** A row of a snapshot that is to be: its files come next, in the folder of its id. */
    SnapshotRow begin(SnapshotRow row) throws InterruptedException {
        return vms.write(tables -> {
            if (tables.snapshots().find(row.name()).isPresent()) {
                throw new ProblemException(
                        ProblemException.Kind.CONFLICT, "there is a snapshot named %s already".formatted(row.name()));
            }
            long id = tables.snapshots().insert(row);
            return tables.snapshots().find(id).orElseThrow();
        });
    }

    /** Its files are there, and on the disk. */
    SnapshotRow whole(SnapshotRow row, Map<String, String> digests, long bytes) throws InterruptedException {
        return vms.write(tables -> {
            SnapshotRow now = new SnapshotRow(
                    row.id(),
                    row.name(),
                    row.vm(),
                    row.kept(),
                    true,
                    row.spec(),
                    row.kernelCmdline(),
                    row.hypervisor(),
                    row.accelerator(),
                    row.boundTo(),
                    JSON.writeValueAsString(digests),
                    bytes,
                    row.createdAt());
            tables.snapshots().update(now);
            tell(tables, now, "created");
            return now;
        });
    }

    /** Its row goes, so that nothing is made of it any more; its files go next. */
    void delete(SnapshotRow row) throws InterruptedException {
        vms.write(tables -> {
            if (tables.vms().list().stream().anyMatch(vm -> vm.origin() != null && vm.origin() == row.id())) {
                throw new ProblemException(
                        ProblemException.Kind.CONFLICT,
                        "snapshot %s is being restored: delete it when that is done".formatted(row.name()));
            }
            tables.snapshots().delete(row.id());
            tell(tables, row, "deleted");
            return row;
        });
    }

    private static void tell(Tables tables, SnapshotRow row, String kind) {
        if (row.kept() && row.whole()) {
            Map<String, Object> data = Map.of("name", row.name(), "vm", row.vm(), "bytes", row.bytes());
            tables.journal()
                    .append(
                            Snapshot.TOPIC + row.name(),
                            List.of(new JournalEvent(kind, System.currentTimeMillis(), JSON.writeValueAsString(data))));
        }
    }

    static VmSpec spec(SnapshotRow row) {
        return JSON.readValue(row.spec(), VmSpec.class);
    }

    static Map<String, String> digests(SnapshotRow row) {
        return JSON.readValue(row.files(), new TypeReference<Map<String, String>>() {});
    }

    static Snapshot shown(SnapshotRow row) {
        VmSpec spec = spec(row);
        return new Snapshot(
                row.id(),
                row.name(),
                row.vm(),
                spec.cpuCores(),
                spec.memoryMb(),
                row.hypervisor(),
                row.accelerator(),
                row.boundTo(),
                row.bytes(),
                SnapshotFiles.digest(digests(row)),
                row.createdAt());
    }
}
