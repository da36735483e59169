package dev.viber.api.rest;

import static dev.viber.api.rest.Parameter.path;
import static dev.viber.api.rest.Route.Method.DELETE;
import static dev.viber.api.rest.Route.Method.GET;
import static dev.viber.api.rest.Route.Method.PATCH;
import static dev.viber.api.rest.Route.Method.POST;
import static dev.viber.api.rest.Route.route;

import dev.viber.api.auth.Role;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.vm.VmSpec;
import java.util.List;

/** The routes by which browsers are kept ready, taken and given back. */
public final class PoolRoutes {
    private static final Role[] READERS = {Role.OWNER, Role.OPERATOR, Role.VIEWER};
    private static final Parameter POOL = path("name", VmSpec.NAME_PATTERN, "The pool's name.");
    private static final String NO_POOL = "there is no such pool";

    /** Makes a pool. */
    public static final Route<PoolRequest, PoolView> CREATE_POOL = route(
                    "createPool", POST, "/pools", "Keeps browsers of microVMs ready, all made from one snapshot")
            .takes(PoolRequest.class)
            .answers(201, Shape.of(PoolView.class), "durable; its browsers come one after the other")
            .or(Kind.NOT_FOUND, "there is no such snapshot")
            .or(Kind.CONFLICT, "there is a pool of this name")
            .build();

    /** Lists pools. */
    public static final Route<Void, List<PoolView>> LIST_POOLS = route("listPools", GET, "/pools", "Lists pools")
            .answers(200, Shape.list(PoolView.class), "all of them, by name")
            .forRoles(READERS)
            .build();

    /** Shows a pool. */
    public static final Route<Void, PoolView> GET_POOL = route("getPool", GET, "/pools/{name}", "Shows a pool")
            .answers(200, Shape.of(PoolView.class), "the pool, its sessions and who waits")
            .with(POOL)
            .or(Kind.NOT_FOUND, NO_POOL)
            .forRoles(READERS)
            .build();

    /** Changes a pool. */
    public static final Route<PoolChange, PoolView> CHANGE_POOL = route(
                    "changePool", PATCH, "/pools/{name}", "Changes how many browsers a pool has")
            .takes(PoolChange.class)
            .answers(200, Shape.of(PoolView.class), "durable; it comes about by and by")
            .with(POOL)
            .or(Kind.NOT_FOUND, NO_POOL)
            .build();

    /** Removes a pool. */
    public static final Route<Void, Void> DELETE_POOL = route(
                    "deletePool", DELETE, "/pools/{name}", "Removes a pool with its sessions")
            .answers(204, Shape.NONE, "none of its VMs is left")
            .with(POOL)
            .or(Kind.NOT_FOUND, NO_POOL)
            .build();

    /** Takes a browser. */
    public static final Route<AcquireRequest, SessionView> ACQUIRE = route(
                    "acquireBrowser",
                    POST,
                    "/pools/{name}/acquire",
                    "Takes a browser from a pool; waits in the order of asking where all are taken")
            .takes(AcquireRequest.class)
            .answers(201, Shape.of(SessionView.class), "ready, and nobody else's")
            .with(POOL)
            .or(Kind.NOT_FOUND, NO_POOL)
            .or(Kind.CONFLICT, "the session of this id is of another pool")
            .or(Kind.UNAVAILABLE, "none came free in time, with what keeps the pool from making more")
            .build();

    /** Gives a browser back. */
    public static final Route<ReleaseRequest, SessionView> RELEASE = route(
                    "releaseBrowser", POST, "/pools/{name}/release", "Gives a browser back to its pool")
            .takes(ReleaseRequest.class)
            .answers(200, Shape.of(SessionView.class), "its VM is gone")
            .with(POOL)
            .or(Kind.NOT_FOUND, "there is no such pool, or no such session")
            .build();

    /** All of them, in the order in which they are described. */
    static final List<Route<?, ?>> ALL =
            List.of(CREATE_POOL, LIST_POOLS, GET_POOL, CHANGE_POOL, DELETE_POOL, ACQUIRE, RELEASE);

    private PoolRoutes() {}
}
