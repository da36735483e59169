package dev.viber.gateway;

import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginLifecycle.Phase;
import dev.viber.api.problem.ProblemException;
import dev.viber.api.problem.ProblemException.Kind;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.PluginRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.osgi.util.promise.Deferred;
import org.osgi.util.promise.Promise;
import org.osgi.util.promise.PromiseFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * What vibers say of their plugins. They always say how all of them are, so that nothing has to be counted or
 * acknowledged: what was not heard is in what is said next.
 */
final class PluginStates {
    private static final Logger LOG = LoggerFactory.getLogger(PluginStates.class);

    private final Gateway gateway;
    private final PromiseFactory promises = new PromiseFactory(null);
    private final Map<String, Deferred<Plugin>> waiting = new ConcurrentHashMap<>();

    PluginStates(Gateway gateway) {
        this.gateway = gateway;
    }

    /** The id of a viber's plugin. */
    static String id(String symbolicName, String viberId) {
        return symbolicName + "@" + viberId;
    }

    /** The answer to an offer; to be asked for before the offer can be answered, and forgotten when it was heard. */
    Promise<Plugin> answerTo(String offer) {
        return waiting.computeIfAbsent(offer, key -> promises.deferred()).getPromise();
    }

    /** Nobody waits any more. */
    void forget(String offer) {
        waiting.remove(offer);
    }

    /** A viber said how its plugins are. */
    void told(String viberId, JsonNode data) {
        List<String> ends = new ArrayList<>();
        List<PluginRow> settled =
                Inbound.await(gateway.change((tables, effects) -> apply(tables, viberId, data, ends)));
        ends.forEach(gateway.counters().plugins::add);
        for (PluginRow row : settled) {
            Deferred<Plugin> deferred = waiting.get(row.offer());
            if (deferred != null && !deferred.getPromise().isDone()) {
                answer(deferred, view(row));
            }
        }
    }

    private static void answer(Deferred<Plugin> deferred, Plugin plugin) {
        if (plugin.error() == null) {
            deferred.resolve(plugin);
        } else {
            deferred.fail(new ProblemException(
                    Kind.INVALID,
                    plugin.error(),
                    Map.of(
                            "plugin",
                            plugin.id(),
                            "viberId",
                            String.valueOf(plugin.viberId()),
                            "state",
                            plugin.state())));
        }
    }

    /** The answer that a plugin is by itself where it is settled. */
    static Promise<Plugin> answered(Plugin settled) {
        Deferred<Plugin> deferred = new PromiseFactory(null).deferred();
        answer(deferred, settled);
        return deferred.getPromise();
    }

    /** The rows that are settled now; adds how those ended that were not before. */
    private static List<PluginRow> apply(Tables tables, String viberId, JsonNode data, List<String> ends) {
        Map<String, PluginRow> absent = new HashMap<>();
        tables.plugins().list(viberId).forEach(row -> absent.put(row.id(), row));
        List<PluginRow> settled = new ArrayList<>();
        for (JsonNode said : data.path("plugins")) {
            String name = said.path("plugin").asString("");
            Phase phase = phase(said.path("state").asString(""));
            if (name.isEmpty() || phase == null) {
                LOG.warn("viber {} says something odd of a plugin: {}", viberId, said);
                continue;
            }
            PluginRow had = absent.remove(id(name, viberId));
            if (had != null && isOutdated(had, said)) {
                continue;
            }
            PluginRow now = row(viberId, name, phase, said, had);
            if (had == null || !now.equals(touched(had, now.updatedAt()))) {
                put(tables, now);
            }
            if (phase.isSettled()) {
                settled.add(now);
                if (had == null
                        || !had.state().equals(now.state())
                        || !had.offer().equals(now.offer())) {
                    ends.add(end(phase, now.error()));
                }
            }
        }
        for (PluginRow row : absent.values()) {
            if (Phase.of(row.state()) != Phase.OFFERED) {
                PluginRow gone = inState(row, Phase.REMOVED, null);
                tables.plugins().delete(row.id());
                tell(tables, gone);
                settled.add(gone);
                ends.add(end(Phase.REMOVED, null));
            }
        }
        return settled;
    }

    private static String end(Phase phase, @Nullable String error) {
        return switch (phase) {
            case ACTIVE -> error == null ? "installed" : "rolled_back";
            case REFUSED -> "refused";
            case REMOVED -> "removed";
            default -> "failed";
        };
    }

    // What the viber says comes from before it had the latest of our orders.
    private static boolean isOutdated(PluginRow had, JsonNode said) {
        Phase phase = Phase.of(had.state());
        return phase == Phase.REMOVING
                || (phase == Phase.OFFERED && !said.path("offer").asString("").equals(had.offer()));
    }

    private static @Nullable Phase phase(String word) {
        try {
            return Phase.of(word);
        } catch (IllegalArgumentException e) {
            return null; // a viber of a later version may know more of them
        }
    }

    private static PluginRow row(String viberId, String name, Phase phase, JsonNode said, @Nullable PluginRow had) {
        Instant now = Instant.now();
        String former = said.path("formerVersion").stringValue(null);
        return new PluginRow(
                id(name, viberId),
                viberId,
                name,
                said.path("version").asString("0.0.0"),
                said.path("digest").asString(""),
                phase.word(),
                said.path("signature").stringValue(null),
                had == null ? "" : had.location(),
                former == null ? null : Infos.json(Map.of("version", former)),
                said.path("services").isArray() ? said.path("services").toString() : "[]",
                said.path("error").stringValue(null),
                "gateway",
                said.path("offer").asString(""),
                0,
                had == null ? now : had.createdAt(),
                now);
    }

    /** The row in another state. */
    static PluginRow inState(PluginRow row, Phase phase, @Nullable String error) {
        return new PluginRow(
                row.id(),
                row.viberId(),
                row.symbolicName(),
                row.version(),
                row.digest(),
                phase.word(),
                row.signature(),
                row.location(),
                row.former(),
                row.services(),
                error,
                row.source(),
                row.offer(),
                row.attempts(),
                row.createdAt(),
                Instant.now());
    }

    private static PluginRow touched(PluginRow row, Instant at) {
        return new PluginRow(
                row.id(),
                row.viberId(),
                row.symbolicName(),
                row.version(),
                row.digest(),
                row.state(),
                row.signature(),
                row.location(),
                row.former(),
                row.services(),
                row.error(),
                row.source(),
                row.offer(),
                row.attempts(),
                row.createdAt(),
                at);
    }

    /** Writes a row down, and that it changed. */
    static void put(Tables tables, PluginRow row) {
        tables.plugins().put(row);
        tell(tables, row);
    }

    private static void tell(Tables tables, PluginRow row) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("viberId", String.valueOf(row.viberId()));
        data.put("plugin", row.symbolicName());
        data.put("version", row.version());
        data.put("digest", row.digest());
        if (row.error() != null) {
            data.put("error", row.error());
        }
        // A topic's name has no room for the @ of an id.
        tables.journal()
                .append(
                        "plugin/" + row.viberId() + ":" + row.symbolicName(),
                        List.of(new JournalEvent(row.state(), System.currentTimeMillis(), Infos.json(data))));
    }

    /** A row as clients see it. */
    static Plugin view(PluginRow row) {
        String former = row.former();
        return new Plugin(
                row.id(),
                row.viberId(),
                row.symbolicName(),
                row.version(),
                row.digest(),
                row.state(),
                Infos.strings(row.services()),
                former == null ? null : String.valueOf(Infos.object(former).get("version")),
                row.signature() == null ? null : row.signature().split(":", 2)[0],
                row.error(),
                row.offer(),
                row.createdAt(),
                row.updatedAt());
    }
}
