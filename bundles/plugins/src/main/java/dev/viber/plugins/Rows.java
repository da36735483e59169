package dev.viber.plugins;

import dev.viber.api.gate.Gate;
import dev.viber.api.plugin.Plugin;
import dev.viber.api.plugin.PluginHost;
import dev.viber.api.store.JournalEvent;
import dev.viber.api.store.Store;
import dev.viber.api.store.Tables;
import dev.viber.api.store.Tables.PluginRow;
import java.lang.reflect.InvocationTargetException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The plugins' rows; each change of one and its event are durable together before anything is done about it. */
final class Rows {
    private final Gate<Store> store;

    Rows(Gate<Store> store) {
        this.store = store;
    }

    List<PluginRow> all() {
        return read(tables -> tables.plugins().list(null));
    }

    Optional<PluginRow> find(String id) {
        return read(tables -> tables.plugins().find(id));
    }

    <T extends @Nullable Object> T read(Store.Question<T> question) {
        return store.call(s -> s.read(question));
    }

    /** Makes a change and waits until it is durable. */
    <T> T change(Function<Tables, T> change) throws InterruptedException {
        try {
            return store.<T, RuntimeException>callAsync(s -> s.write(change::apply))
                    .getValue();
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Writes a row down; returns it. */
    PluginRow put(PluginEdit edit) throws InterruptedException {
        return change(tables -> put(tables, edit.row()));
    }

    static PluginRow put(Tables tables, PluginRow row) {
        tables.plugins().put(row);
        tell(tables, row.id(), row.state(), row);
        return row;
    }

    /** Takes a row away. */
    void delete(PluginRow row) throws InterruptedException {
        change(tables -> {
            tables.plugins().delete(row.id());
            tell(tables, row.id(), "removed", row);
            return true;
        });
    }

    /** There is no row, and whoever waits for its end is to know. */
    static void tellAbsent(Tables tables, String id) {
        tell(tables, id, "removed", null);
    }

    private static void tell(Tables tables, String id, String kind, @Nullable PluginRow row) {
        Map<String, Object> data = new LinkedHashMap<>();
        if (row != null) {
            data.put("version", row.version());
            data.put("digest", row.digest());
            if (row.error() != null) {
                data.put("error", row.error());
            }
        }
        tables.journal()
                .append(
                        PluginHost.TOPIC + id,
                        List.of(new JournalEvent(kind, System.currentTimeMillis(), Json.write(data))));
    }

    /** A row as it is shown. */
    static Plugin view(PluginRow row) {
        PluginEdit.Version former = PluginEdit.former(row);
        return new Plugin(
                row.id(),
                row.viberId(),
                row.symbolicName(),
                row.version(),
                row.digest(),
                row.state(),
                Json.strings(row.services()),
                former == null ? null : former.version(),
                signedBy(row.signature()),
                row.error(),
                row.offer(),
                row.createdAt(),
                row.updatedAt());
    }

    /** The key's id, also of a signature that was refused. */
    private static @Nullable String signedBy(@Nullable String signature) {
        return signature == null ? null : signature.split(":", 2)[0];
    }
}
