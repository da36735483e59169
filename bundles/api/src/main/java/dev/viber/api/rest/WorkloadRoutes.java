package dev.viber.api.rest;

import static dev.viber.api.rest.Parameter.path;
import static dev.viber.api.rest.Parameter.word;
import static dev.viber.api.rest.Route.Method.DELETE;
import static dev.viber.api.rest.Route.Method.GET;
import static dev.viber.api.rest.Route.Method.PATCH;
import static dev.viber.api.rest.Route.Method.POST;
import static dev.viber.api.rest.Route.route;

import dev.viber.api.auth.Role;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.workload.Workload;
import java.util.List;

/** The routes by which a number of microVMs of one kind is wanted. */
public final class WorkloadRoutes {
    private static final Role[] READERS = {Role.OWNER, Role.OPERATOR, Role.VIEWER};
    private static final Parameter WORKLOAD = path("name", Workload.NAME_PATTERN, "The workload's name.");
    private static final Parameter WAIT =
            word("wait", List.of("ready"), "Whether to answer when all that are wanted are ready.");
    private static final String NO_WORKLOAD = "there is no such workload";
    private static final String NOT_READY = "; with wait=ready: one has ended for good, or fails again and again";

    /** Makes a workload. */
    public static final Route<WorkloadRequest, WorkloadView> CREATE_WORKLOAD = route(
                    "createWorkload", POST, "/workloads", "Wants a number of microVMs, all made from one template")
            .takes(WorkloadRequest.class)
            .answers(201, Shape.of(WorkloadView.class), "durable; its VMs come one after the other")
            .with(WAIT)
            .or(Kind.NOT_FOUND, "there is no such snapshot")
            .or(Kind.CONFLICT, "there is a workload of this name" + NOT_READY)
            .build();

    /** Lists workloads. */
    public static final Route<Void, List<WorkloadView>> LIST_WORKLOADS = route(
                    "listWorkloads", GET, "/workloads", "Lists workloads")
            .answers(200, Shape.list(WorkloadView.class), "all of them, by name")
            .forRoles(READERS)
            .build();

    /** Shows a workload. */
    public static final Route<Void, WorkloadView> GET_WORKLOAD = route(
                    "getWorkload", GET, "/workloads/{name}", "Shows a workload")
            .answers(200, Shape.of(WorkloadView.class), "the workload, and what stands for each VM that is wanted")
            .with(WORKLOAD)
            .or(Kind.NOT_FOUND, NO_WORKLOAD)
            .forRoles(READERS)
            .build();

    /** Changes a workload. */
    public static final Route<WorkloadChange, WorkloadView> CHANGE_WORKLOAD = route(
                    "changeWorkload",
                    PATCH,
                    "/workloads/{name}",
                    "Changes how many microVMs are wanted, or their policy")
            .takes(WorkloadChange.class)
            .answers(200, Shape.of(WorkloadView.class), "durable; it comes about by and by")
            .with(WORKLOAD, WAIT)
            .or(Kind.NOT_FOUND, NO_WORKLOAD)
            .or(Kind.CONFLICT, "it is being deleted" + NOT_READY)
            .build();

    /** Removes a workload. */
    public static final Route<Void, Void> DELETE_WORKLOAD = route(
                    "deleteWorkload", DELETE, "/workloads/{name}", "Removes a workload with its microVMs")
            .answers(204, Shape.NONE, "none of its VMs is left")
            .with(WORKLOAD)
            .or(Kind.NOT_FOUND, NO_WORKLOAD)
            .build();

    /** All of them, in the order in which they are described. */
    static final List<Route<?, ?>> ALL =
            List.of(CREATE_WORKLOAD, LIST_WORKLOADS, GET_WORKLOAD, CHANGE_WORKLOAD, DELETE_WORKLOAD);

    private WorkloadRoutes() {}
}
