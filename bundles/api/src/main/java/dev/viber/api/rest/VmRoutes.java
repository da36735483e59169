package dev.viber.api.rest;

import static dev.viber.api.rest.Parameter.path;
import static dev.viber.api.rest.Parameter.word;
import static dev.viber.api.rest.Route.Method.DELETE;
import static dev.viber.api.rest.Route.Method.GET;
import static dev.viber.api.rest.Route.Method.POST;
import static dev.viber.api.rest.Route.route;

import dev.viber.api.auth.Role;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.vm.VmSpec;
import java.util.List;

/** The routes by which microVMs are kept and multiplied. */
public final class VmRoutes {
    private static final Role[] READERS = {Role.OWNER, Role.OPERATOR, Role.VIEWER};
    private static final Parameter VM = path("name", VmSpec.NAME_PATTERN, "The VM's name.");
    private static final Parameter SNAPSHOT = path("name", VmSpec.NAME_PATTERN, "The snapshot's name.");
    private static final Parameter WAIT =
            word("wait", List.of("ready"), "Whether to answer when the guests are ready.");
    private static final String NO_SNAPSHOT = "there is no such snapshot";

    /** Keeps what a VM is now. */
    public static final Route<SnapshotRequest, SnapshotView> SNAPSHOT_VM = route(
                    "snapshotVm",
                    POST,
                    "/vms/{name}/snapshot",
                    "Keeps what a microVM is now, under a name; it stands still meanwhile, and goes on as it was")
            .takes(SnapshotRequest.class)
            .answers(201, Shape.of(SnapshotView.class), "durable, its digest known")
            .with(VM)
            .or(Kind.NOT_FOUND, "there is no such VM")
            .or(Kind.CONFLICT, "it does not run, or there is a snapshot of this name")
            .or(Kind.UNAVAILABLE, "it cannot be done, with the reason")
            .build();

    /** Makes VMs of one that runs. */
    public static final Route<ForkRequest, List<VmView>> FORK_VM = route(
                    "forkVm",
                    POST,
                    "/vms/{name}/fork",
                    "Makes microVMs that are what this one is now, pages and logins included, under addresses of their own")
            .takes(ForkRequest.class)
            .answers(201, Shape.list(VmView.class), "their processes run; with wait=ready their guests are ready, too")
            .with(VM, WAIT)
            .or(Kind.NOT_FOUND, "there is no such VM")
            .or(Kind.CONFLICT, "it does not run, or there is a VM of one of the names; none is made")
            .or(Kind.UNAVAILABLE, "one cannot be made, with the reason; none is left")
            .build();

    /** Lists snapshots. */
    public static final Route<Void, List<SnapshotView>> LIST_SNAPSHOTS = route(
                    "listSnapshots", GET, "/snapshots", "Lists snapshots of microVMs")
            .answers(200, Shape.list(SnapshotView.class), "all of them, oldest first")
            .forRoles(READERS)
            .build();

    /** Shows a snapshot. */
    public static final Route<Void, SnapshotView> GET_SNAPSHOT = route(
                    "getSnapshot", GET, "/snapshots/{name}", "Shows a snapshot")
            .answers(200, Shape.of(SnapshotView.class), "the snapshot")
            .with(SNAPSHOT)
            .or(Kind.NOT_FOUND, NO_SNAPSHOT)
            .forRoles(READERS)
            .build();

    /** Removes a snapshot. */
    public static final Route<Void, Void> DELETE_SNAPSHOT = route(
                    "deleteSnapshot", DELETE, "/snapshots/{name}", "Removes a snapshot; VMs made from it go on")
            .answers(204, Shape.NONE, "its files are gone")
            .with(SNAPSHOT)
            .or(Kind.NOT_FOUND, NO_SNAPSHOT)
            .or(Kind.CONFLICT, "it is being made, or restored")
            .build();

    /** All of them, in the order in which they are described. */
    static final List<Route<?, ?>> ALL = List.of(SNAPSHOT_VM, FORK_VM, LIST_SNAPSHOTS, GET_SNAPSHOT, DELETE_SNAPSHOT);

    private VmRoutes() {}
}
