package dev.viber.api.rest;

import java.util.List;

/** Whether a viber can have browsers of this server, and those it has. */
public record BrowsersView(
        @About("Whether any pool serves.") boolean able,
        @About("Which do, or why none does.") String reason,

        @About("The browsers that this viber has, oldest first.")
        List<SessionView> sessions) {}
