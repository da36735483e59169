package dev.viber.api.rest;

import static dev.viber.api.rest.Parameter.path;
import static dev.viber.api.rest.Route.Method.DELETE;
import static dev.viber.api.rest.Route.Method.GET;
import static dev.viber.api.rest.Route.Method.POST;
import static dev.viber.api.rest.Route.route;

import dev.viber.api.auth.Role;
import dev.viber.api.browser.BrowserRequest;
import dev.viber.api.problem.ProblemException.Kind;
import java.util.List;

/** The routes by which a viber has browsers of its server's pools, as itself and for itself. */
public final class BrowserRoutes {
    /** Tells whether browsers can be had. */
    public static final Route<Void, BrowsersView> LIST_BROWSERS = route(
                    "listBrowsers", GET, "/browsers", "Tells a viber whether it can have browsers, and which it has")
            .answers(200, Shape.of(BrowsersView.class), "whether any pool serves, and this viber's sessions")
            .forRoles(Role.VIBER)
            .build();

    /** Takes a browser. */
    public static final Route<BrowserAcquireRequest, SessionView> TAKE_BROWSER = route(
                    "takeBrowser",
                    POST,
                    "/browsers",
                    "Gives a viber a browser of a pool; waits in the order of asking where all are taken")
            .takes(BrowserAcquireRequest.class)
            .answers(
                    201,
                    Shape.of(SessionView.class),
                    "ready, and nobody else's; its agent and DevTools take this token")
            .or(Kind.FORBIDDEN, "the token's role does not allow this, or the pool does not have the egress asked for")
            .or(Kind.NOT_FOUND, "there is no such pool, or none at all")
            .or(Kind.UNAVAILABLE, "none came free in time, with what keeps the pool from making more")
            .forRoles(Role.VIBER)
            .build();

    /** Gives a browser back. */
    public static final Route<Void, Void> GIVE_BACK_BROWSER = route(
                    "giveBackBrowser", DELETE, "/browsers/{id}", "Gives a viber's browser back to its pool")
            .answers(204, Shape.NONE, "its VM is gone")
            .with(path("id", BrowserRequest.ID_PATTERN, "The session's id."))
            .or(Kind.NOT_FOUND, "this viber has no such session")
            .forRoles(Role.VIBER)
            .build();

    /** All of them, in the order in which they are described. */
    static final List<Route<?, ?>> ALL = List.of(LIST_BROWSERS, TAKE_BROWSER, GIVE_BACK_BROWSER);

    private BrowserRoutes() {}
}
