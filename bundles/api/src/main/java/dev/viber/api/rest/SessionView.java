package dev.viber.api.rest;

import dev.viber.api.browser.PoolDesk.Session;
import java.time.Instant;

/** A session as it is told. */
public record SessionView(
        @About("The session's id.") String id,

        @About(value = "The pool it is of.", example = "\"browsers\"")
        String pool,

        @About("The VM that is its browser's.") String vm,

        @About("Where its agent's REST is, below this server.")
        String agent,

        @About("Where its DevTools are, below this server.") String devtools,

        @About("When it began.") Instant since,
        @About("When it is ended, whatever it does.") Instant until) {
    /** A session as it is told. */
    public static SessionView of(Session session) {
        String base = Routes.BASE + "/vms/" + session.vm();
        return new SessionView(
                session.id(),
                session.pool(),
                session.vm(),
                base + "/agent",
                base + "/devtools",
                session.since(),
                session.until());
    }
}
