package dev.viber.store.sqlite;

import dev.viber.api.store.Segment;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Workloads;
import java.util.List;

/** The tables over one connection. */
record SqliteTables(
        Tasks tasks,
        Journal journal,
        Commands commands,
        Vibers vibers,
        Tokens tokens,
        DeviceGrants deviceGrants,
        Approvals approvals,
        Artifacts artifacts,
        Plugins plugins,
        Vms vms,
        Snapshots snapshots,
        Leases leases,
        Workloads workloads,
        Values values)
        implements Tables {
    /** Segments appended through these tables are added to {@code appended}. */
    static SqliteTables over(Db db, List<Segment> appended, JournalEnd end) {
        return new SqliteTables(
                new TaskTable(db),
                new JournalTable(db, appended, end),
                new FleetTables.CommandTable(db),
                new FleetTables.ViberTable(db),
                new FleetTables.TokenTable(db),
                new DeviceGrantTable(db),
                new WorkTables.ApprovalTable(db),
                new WorkTables.ArtifactTable(db),
                new WorkTables.PluginTable(db),
                new VmTables.VmTable(db),
                new VmTables.SnapshotTable(db),
                new VmTables.LeaseTable(db),
                new WorkloadTable(db),
                new WorkTables.ValueTable(db));
    }
}
