package dev.viber.agent;

import dev.viber.api.gate.Gate;
import dev.viber.api.store.Store;
import dev.viber.api.task.Expressions;
import dev.viber.api.task.Planner;
import dev.viber.api.tool.Tool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** What all runs of one agent share. */
record Parts(
        Gate<Store> store,
        Offers<Tool> tools,
        Offers<Planner> planners,
        Gate<Expressions> expressions,
        Arguments arguments,
        Slots slots,
        Traffic traffic,
        Wishes wishes,
        Spaces spaces,
        Bound bound,
        int parallel,
        Duration callTimeout,
        Path workspace) {

    /** What may be changed while runs are under way. */
    static final class Wishes {
        volatile Policy policy;
        volatile Set<String> disabledTools = Set.of();
        /** What holds where the configuration says nothing. */
        final Policy standard;

        Wishes(Policy policy) {
            this.policy = policy;
            standard = policy;
        }
    }
}
