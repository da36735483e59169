package dev.viber.api.task;

import org.jspecify.annotations.Nullable;

/**
 * The answer to an {@link Approval}.
 *
 * @param allow true to do it (for an unknown outcome: to do it again), false not to
 * @param by who answers
 * @param remember {@code task} or {@code viber} to answer alike from now on; null to answer this once
 */
public record Decision(boolean allow, String by, @Nullable String remember) {}
