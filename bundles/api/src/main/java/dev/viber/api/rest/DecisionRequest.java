package dev.viber.api.rest;

import org.jspecify.annotations.Nullable;

/** The answer to a question. */
public record DecisionRequest(
        @About("Whether to do it; for an unknown outcome, whether to do it again.")
        boolean allow,

        @About("What to answer alike from now on; only this once where it is not there.")
        @Words({"task", "viber"})
        @Nullable
        String remember) {}
