package dev.viber.gateway;

import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.viber.ViberInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Why a queued task has no viber yet, in words for people. */
final class Wait {
    private final Gateway gateway;

    Wait(Gateway gateway) {
        this.gateway = gateway;
    }

    /** The reason; null where the task is not queued. */
    @Nullable
    String reason(TaskRow row) {
        if (row.phase() != Phase.QUEUED) {
            return null;
        }
        String viberId = row.viberId();
        if (viberId != null) {
            return gateway.sessions()
                    .find(viberId)
                    .filter(session -> session.info() != null)
                    .map(session -> isFull(session)
                            ? "the viber %s has no room: %s".formatted(viberId, taken(session))
                            : "the viber %s is about to be given it".formatted(viberId))
                    .orElseGet(() -> "the viber %s is not connected".formatted(viberId));
        }
        List<Session> there = gateway.sessions().all().stream()
                .filter(session -> session.info() != null)
                .toList();
        if (there.isEmpty()) {
            return "no viber is connected";
        }
        Set<String> needs = gateway.needs().of(row);
        Set<String> offered = new TreeSet<>();
        List<Session> able = new ArrayList<>();
        for (Session session : there) {
            ViberInfo info = session.info();
            List<String> capabilities = info == null ? List.of() : info.capabilities();
            offered.addAll(capabilities);
            if (capabilities.containsAll(needs)) {
                able.add(session);
            }
        }
        if (able.isEmpty()) {
            return "no connected viber can do all of %s; there are %s"
                    .formatted(String.join(", ", new TreeSet<>(needs)), String.join(", ", offered));
        }
        return able.stream().allMatch(this::isFull)
                ? "no able viber has room: %d of %d are full".formatted(able.size(), able.size())
                : "it is about to be given to a viber";
    }

    private boolean isFull(Session session) {
        return session.busy.size() >= capacity(session);
    }

    private String taken(Session session) {
        return "%d of %d slots taken".formatted(session.busy.size(), capacity(session));
    }

    private int capacity(Session session) {
        ViberInfo info = session.info();
        Integer said = info == null ? null : info.capacity();
        return said == null ? gateway.settings().defaultCapacity() : Math.max(0, said);
    }
}
