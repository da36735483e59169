package dev.viber.cli;

import dev.viber.api.rest.SnapshotRequest;
import dev.viber.api.rest.SnapshotView;
import dev.viber.api.rest.VmRoutes;
import dev.viber.client.ViberClient;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code viper snapshots ...}: what microVMs were. */
@Command(
        name = "snapshots",
        description =
                "Keep what microVMs are, list, show and remove that; viper vms create --snapshot makes VMs of it.",
        mixinStandardHelpOptions = true)
final class SnapshotsCommand {
    private static final List<String> HEAD = List.of("NAME", "OF", "CPU", "MEMORY", "BOUND TO", "MADE");

    @Command(name = "create", description = "Keep what a VM is now, under a name.", mixinStandardHelpOptions = true)
    int create(
            @Mixin ServerOptions server,
            @Parameters(paramLabel = "VM") String vm,
            @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            SnapshotView made =
                    client.call(VmRoutes.SNAPSHOT_VM, Map.of("name", vm), Map.of(), new SnapshotRequest(name));
            server.output()
                    .show(
                            made,
                            "Snapshot %s of VM %s; next: viper vms create NEW --snapshot %s"
                                    .formatted(made.name(), made.vm(), made.name()));
        }
        return Exit.DONE;
    }

    @Command(name = "list", description = "List snapshots.", mixinStandardHelpOptions = true)
    int list(@Mixin ServerOptions server) {
        try (ViberClient client = server.client()) {
            List<SnapshotView> all = client.call(VmRoutes.LIST_SNAPSHOTS, Map.of(), Map.of(), null);
            server.output()
                    .table(
                            all,
                            HEAD,
                            all.stream()
                                    .map(one -> List.of(
                                            one.name(),
                                            one.vm(),
                                            Integer.toString(one.cpu_cores()),
                                            one.memory_mb() + " MiB",
                                            one.bound_to(),
                                            Output.text(one.created_at())))
                                    .toList(),
                            "no snapshots");
        }
        return Exit.DONE;
    }

    @Command(name = "get", aliases = "show", description = "Show a snapshot.", mixinStandardHelpOptions = true)
    int get(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            SnapshotView one = client.call(VmRoutes.GET_SNAPSHOT, Map.of("name", name), Map.of(), null);
            Output output = server.output();
            output.object(one);
            output.line("name      " + one.name());
            output.line("of        " + one.vm());
            output.line("size      " + one.cpu_cores() + " processors, " + one.memory_mb() + " MiB");
            output.line("bound to  " + one.bound_to());
            output.line("sha256    " + one.sha256());
            output.line("made      " + Output.text(one.created_at()));
        }
        return Exit.DONE;
    }

    @Command(
            name = "delete",
            description = "Remove a snapshot; VMs made from it go on.",
            mixinStandardHelpOptions = true)
    int delete(@Mixin ServerOptions server, @Parameters(paramLabel = "NAME") String name) {
        try (ViberClient client = server.client()) {
            client.call(VmRoutes.DELETE_SNAPSHOT, Map.of("name", name), Map.of(), null);
            server.output().show(Map.of("name", name, "deleted", true), "Snapshot " + name + " is gone");
        }
        return Exit.DONE;
    }
}
