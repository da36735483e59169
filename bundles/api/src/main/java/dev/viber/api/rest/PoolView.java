package dev.viber.api.rest;

import dev.viber.api.browser.PoolDesk.State;
import dev.viber.api.browser.PoolDesk.Waiting;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A pool as it is told. */
@SuppressWarnings("MemberName")
public record PoolView(
        @About(value = "Unique among the pools there are.", example = "\"browsers\"")
        String name,

        @About("The snapshot that every session begins as.") String snapshot,
        @About("How many are kept ready.") int warm,

        @About("How many there may be, those in use included.")
        int most,

        @About("The longest a session may last, in seconds.")
        long limit_s,

        @About("Seconds nobody uses one of its VMs before that stands by.") @Nullable
        Long standby_s,

        @About("How many are ready.") int ready,
        @About("How many are on their way.") int coming,
        @About("Those in use, oldest first.") List<SessionView> sessions,
        @About("Who waits, with the place of each.") List<Waiting> queue,

        @About("What keeps it from making more.") @Nullable String trouble) {
    /** A pool as it is told. */
    public static PoolView of(State state) {
        Duration standby = state.pool().standby();
        return new PoolView(
                state.pool().name(),
                state.pool().snapshot(),
                state.pool().warm(),
                state.pool().most(),
                state.pool().limit().toSeconds(),
                standby == null ? null : standby.toSeconds(),
                state.ready(),
                state.coming(),
                state.sessions().stream().map(SessionView::of).toList(),
                state.queue(),
                state.trouble());
    }
}
