package dev.viber.gateway;

import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is to be done once a change is durable: collected inside the change, which itself does no I/O. */
final class Effects {
    /** A task takes, or gives back, a slot of its viber's capacity. */
    record Slot(String viberId, String taskId, boolean taken) {}

    /** A frame for a viber that keeps no count of commands: sent if it is there, and otherwise not. */
    record Direct(String viberId, String frame) {}

    /** A task that is in another phase now; {@code from} is null for one that is new. */
    record Moved(@Nullable Phase from, TaskRow row) {}

    final List<Moved> moved = new ArrayList<>();
    final List<Slot> slots = new ArrayList<>();
    final List<Direct> direct = new ArrayList<>();
    /** Vibers with new commands in the store. */
    final Set<String> pump = new LinkedHashSet<>();
    /** Vibers with tasks queued for them alone. */
    final Set<String> queuedFor = new LinkedHashSet<>();
    /** Whether there are tasks queued for any viber. */
    boolean queuedForAny;
    /** Whether a lease or deadline may be earlier than the earliest before. */
    boolean due;
}
