package dev.viber.gateway;

import dev.viber.api.auth.Tokens;
import dev.viber.api.gate.Gate;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.TaskFilter;
import dev.viber.api.store.Tables.TaskRow;
import dev.viber.api.store.Tables.ViberRow;
import dev.viber.api.task.TaskDesk.Page;
import dev.viber.api.task.TaskLifecycle.Phase;
import dev.viber.api.task.TaskLifecycle.Trigger;
import dev.viber.api.viber.Viber;
import dev.viber.api.viber.ViberDesk;
import dev.viber.api.viber.ViberInfo;
import java.time.Instant;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Promise;

/** The gateway's desk for vibers. */
final class GatewayViberDesk implements ViberDesk {
    private final Gateway gateway;
    private final Gate<Tokens> tokens;

    GatewayViberDesk(Gateway gateway, Gate<Tokens> tokens) {
        this.gateway = gateway;
        this.tokens = tokens;
    }

    @Override
    public Optional<Viber> find(String viberId) {
        return gateway.read(tables -> tables.vibers().find(viberId).map(row -> view(tables, row)));
    }

    @Override
    public Page<Viber> list(@Nullable String cursor, int limit) {
        return gateway.read(tables -> {
            List<ViberRow> rows = tables.vibers().list(cursor, limit + 1);
            boolean more = rows.size() > limit;
            List<ViberRow> page = more ? rows.subList(0, limit) : rows;
            return new Page<>(
                    page.stream().map(row -> view(tables, row)).toList(),
                    more ? page.getLast().id() : null);
        });
    }

    @Override
    public Promise<Viber> ensure(String viberId, @Nullable String name) {
        checkId(viberId);
        return gateway.change((tables, effects) -> {
            ViberRow row = tables.vibers().find(viberId).orElse(null);
            if (row == null) {
                row = new ViberRow(viberId, name == null ? viberId : name, "{}", "{}", Instant.now(), null, null);
                tables.vibers().put(row);
            }
            return view(tables, row);
        });
    }

    @Override
    public Promise<Viber> change(String viberId, @Nullable String name, @Nullable Map<String, Object> config) {
        Promise<Viber> changed = gateway.change((tables, effects) -> {
            ViberRow row = existing(tables, viberId);
            String merged = config == null ? row.config() : merge(row.config(), config);
            ViberRow after = new ViberRow(
                    row.id(),
                    name != null ? name : Objects.requireNonNullElse(nameIn(config), row.name()),
                    row.info(),
                    merged,
                    row.createdAt(),
                    row.connectedAt(),
                    row.lastSeenAt());
            tables.vibers().put(after);
            if (config != null) {
                tell(tables, viberId, "config", Infos.json(Map.of("config", config)));
                new Orders(tables, effects).configure(viberId, Infos.json(config));
            }
            return view(tables, after);
        });
        return changed.onSuccess(viber -> gateway.sessions().find(viberId).ifPresent(Session::configSent));
    }

    private static @Nullable String nameIn(@Nullable Map<String, Object> config) {
        return config != null && config.get("name") instanceof String name ? name : null;
    }

    @Override
    public Promise<Viber> delete(String viberId) {
        Promise<Viber> deleted = gateway.change((tables, effects) -> {
            ViberRow row = existing(tables, viberId);
            Viber last = view(tables, row);
            abandonTasks(tables, effects, viberId);
            tables.commands().removeOfViber(viberId);
            tables.plugins().list(viberId).forEach(plugin -> tables.plugins().delete(plugin.id()));
            Once.forgetPlugins(tables, viberId);
            tables.vibers().delete(viberId);
            tell(tables, viberId, "deleted", "{}");
            return last;
        });
        // Revoking closes the socket, too; the row is gone first, so that nothing is given to it meanwhile.
        return deleted.flatMap(
                viber -> tokens.callAsync(t -> t.revokeAll(viberId)).map(count -> viber));
    }

    private static void abandonTasks(Tables tables, Effects effects, String viberId) {
        TaskFilter open = new TaskFilter(
                EnumSet.of(Phase.QUEUED, Phase.DISPATCHED, Phase.RUNNING, Phase.WAITING, Phase.STOPPING),
                viberId,
                null);
        for (TaskRow row : tables.tasks().list(open, Integer.MAX_VALUE)) {
            TaskEdit task = new TaskEdit(tables, effects, row, Instant.now());
            if (task.phase == Phase.STOPPING) {
                task.on(Trigger.STOPPED);
                task.event("stopped", "{}");
            } else {
                task.error = "its viber '%s' was deleted".formatted(viberId);
                task.on(Trigger.EXPIRE);
                task.event("error", Infos.json(Map.of("error", task.error, "dead", true)));
            }
            task.save();
        }
    }

    /** Refuses what is not well-formed as a viber's id. */
    static void checkId(String viberId) {
        if (!viberId.matches(ID_PATTERN)) {
            throw ProblemException.invalid("/id", "'%s' is not a viber id; wanted %s".formatted(viberId, ID_WORDS));
        }
    }

    private static ViberRow existing(Tables tables, String viberId) {
        return tables.vibers().find(viberId).orElseThrow(() -> ProblemException.notFound("viber", viberId));
    }

    // Null takes a member out again (RFC 7396, at the top level).
    private static String merge(String had, Map<String, Object> change) {
        Map<String, Object> merged = new LinkedHashMap<>(Infos.object(had));
        change.forEach((name, value) -> {
            if (value == null) {
                merged.remove(name);
            } else {
                merged.put(name, value);
            }
        });
        return Infos.json(merged);
    }

    private static void tell(Tables tables, String viberId, String kind, String data) {
        tables.journal().append("viber/" + viberId, List.of(new JournalEvent(kind, System.currentTimeMillis(), data)));
    }

    private Viber view(Tables tables, ViberRow row) {
        Session session = gateway.sessions()
                .find(row.id())
                .filter(found -> found.info() != null)
                .orElse(null);
        ViberInfo live = session == null ? null : session.info();
        ViberInfo info = live == null ? Infos.read(row.info(), row.id()) : live;
        List<String> running =
                tables.tasks().heldBy(row.id()).stream().map(TaskRow::id).toList();
        Map<String, Object> status = session == null ? Map.of() : session.status();
        int capacity = info.capacity() == null ? gateway.settings().defaultCapacity() : info.capacity();
        boolean busy = session != null && session.busy.size() >= capacity;
        @SuppressWarnings("unchecked") // JSON objects have text keys
        Map<String, Object> machine = status.get("machine") instanceof Map<?, ?> map ? (Map<String, Object>) map : null;
        return new Viber(
                row.id(),
                row.name(),
                session == null ? "offline" : busy ? "busy" : "online",
                info.version(),
                info.platform(),
                info.arch(),
                info.capabilities(),
                info.tools(),
                info.features(),
                info.capacity(),
                running,
                gateway.sessions().isDuplicate(row.id()),
                row.createdAt(),
                session == null ? row.connectedAt() : session.connectedAt(),
                session == null ? row.lastSeenAt() : session.lastHeartbeat(),
                machine,
                Infos.object(row.config()),
                text(status.get("configDigest")),
                text(status.get("configError")));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }
}
