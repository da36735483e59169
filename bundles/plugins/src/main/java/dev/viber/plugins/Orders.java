package dev.viber.plugins;

import dev.viber.api.plugin.JarFacts;
import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.PluginLifecycle.Phase;
import dev.viber.api.plugin.PluginLifecycle.Trigger;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.PluginRow;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What an order, of the gateway or of somebody here, makes of a plugin's row; computes inside a change. */
final class Orders {
    /** The source of what a gateway offered. */
    static final String GATEWAY = "gateway";

    private Orders() {}

    /**
     * Makes an order of the gateway the plugin's next state.
     *
     * @return the row; empty where there is nothing to do any more
     * @throws IllegalArgumentException where the order cannot be understood
     */
    static Optional<PluginRow> take(Tables tables, String json) {
        JsonNode order = Json.tree(json);
        String id = order.path("plugin").asString("");
        if (!id.matches(JarFacts.NAME_PATTERN)) {
            throw new IllegalArgumentException("'%s' is no plugin's name".formatted(id));
        }
        String offer = order.path("offer").asString("");
        if (order.path("type").asString("").equals("plugin:remove")) {
            return remove(tables, id, offer);
        }
        String digest = order.path("digest").asString("");
        if (!digest.matches(JarFolder.DIGEST_PATTERN)) {
            throw new IllegalArgumentException("'%s' is no digest".formatted(digest));
        }
        return Optional.of(offered(
                tables,
                id,
                new PluginEdit.Version(
                        order.path("version").asString("0.0.0"),
                        digest,
                        order.path("signature").stringValue(null),
                        order.path("href").asString(""),
                        GATEWAY,
                        List.of()),
                offer,
                order.path("downgrade").booleanValue(false)));
    }

    /** A version is handed in. */
    static PluginRow offered(Tables tables, String id, PluginEdit.Version offered, String offer, boolean downgrade) {
        PluginRow had = tables.plugins().find(id).orElse(null);
        if (had == null) {
            return Rows.put(tables, PluginEdit.fresh(id, offered, offer));
        }
        PluginEdit edit = PluginEdit.of(had).offered(offered, offer);
        PluginEdit.Version serves = PluginEdit.former(edit.row());
        if (serves != null && serves.digest().equals(offered.digest())) {
            edit.turnedDown(null);
        } else if (serves != null && !downgrade && isOlder(offered.version(), serves.version())) {
            edit.turnedDown("%s %s is older than %s, which serves; a downgrade has to be asked for (--downgrade)"
                    .formatted(id, offered.version(), serves.version()));
        }
        return Rows.put(tables, edit.row());
    }

    private static boolean isOlder(String version, String than) {
        return org.osgi.framework.Version.parseVersion(version).compareTo(org.osgi.framework.Version.parseVersion(than))
                < 0;
    }

    /** A plugin is to go. */
    static Optional<PluginRow> remove(Tables tables, String id, @Nullable String offer) {
        PluginRow had = tables.plugins().find(id).orElse(null);
        if (had == null) {
            Rows.tellAbsent(tables, id);
            return Optional.empty();
        }
        return Optional.of(
                Rows.put(tables, PluginEdit.of(had).on(Trigger.REMOVE).row()));
    }

    /** The roll-out was cut off: begun again, unless that happened too often. */
    static PluginEdit interrupted(PluginRow row) {
        PluginEdit edit = PluginEdit.of(row).on(Trigger.INTERRUPT);
        if (row.attempts() >= Rollout.MOST_ATTEMPTS) {
            edit.turnedDown("%s: the viber ended %d times while it was starting it"
                    .formatted(Rollout.name(row), row.attempts()));
        }
        return edit;
    }

    static boolean isIn(PluginRow row, Phase phase) {
        return row.state().equals(phase.word());
    }
}
