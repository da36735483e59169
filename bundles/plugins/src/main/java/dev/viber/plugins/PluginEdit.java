package dev.viber.plugins;

import static dev.viber.api.plugin.PluginLifecycle.TABLE;

import dev.viber.api.plugin.PluginLifecycle.Phase;
import dev.viber.api.plugin.PluginLifecycle.Trigger;
import dev.viber.api.store.Tables.PluginRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A plugin's row on its way from one phase to the next. */
final class PluginEdit {
    /** A version of a plugin, as far as it is needed to bring it back. */
    record Version(
            String version,
            String digest,
            @Nullable String signature,
            String location,
            String source,
            List<String> services) {}

    private final PluginRow before;
    private final List<Trigger> history = new ArrayList<>();
    private Phase phase;
    private Version version;
    private @Nullable Version former;
    private @Nullable String error;
    private String offer;
    private int attempts;

    private PluginEdit(PluginRow row) {
        before = row;
        phase = Phase.of(row.state());
        version = new Version(
                row.version(),
                row.digest(),
                row.signature(),
                row.location(),
                row.source(),
                Json.strings(row.services()));
        former = former(row);
        error = row.error();
        offer = row.offer();
        attempts = row.attempts();
    }

    static PluginEdit of(PluginRow row) {
        return new PluginEdit(row);
    }

    /** The version that serves while another is rolled out. */
    static @Nullable Version former(PluginRow row) {
        return row.former() == null ? null : Json.read(row.former(), Version.class);
    }

    /** A first offer of a plugin. */
    static PluginRow fresh(String id, Version offered, String offer) {
        Instant now = Instant.now();
        return new PluginRow(
                id,
                null,
                id,
                offered.version(),
                offered.digest(),
                TABLE.initial().word(),
                offered.signature(),
                offered.location(),
                null,
                "[]",
                null,
                offered.source(),
                offer,
                0,
                now,
                now);
    }

    PluginEdit on(Trigger trigger) {
        phase = TABLE.next(before.id(), phase, trigger, history);
        history.add(trigger);
        return this;
    }

    /** Another version is to take the place of the one that serves, or of one that was on its way. */
    PluginEdit offered(Version offered, String by) {
        Version serves = phase == Phase.ACTIVE ? version : former;
        on(Trigger.OFFER);
        former = serves;
        version = offered;
        offer = by;
        attempts = 0;
        error = null;
        return this;
    }

    PluginEdit lies(String location) {
        version = new Version(
                version.version(), version.digest(), version.signature(), location, version.source(), List.of());
        return this;
    }

    PluginEdit failing(String why) {
        error = why;
        return this;
    }

    PluginEdit beginning() {
        attempts++;
        return this;
    }

    /** It serves. */
    PluginEdit serving(List<String> services) {
        version = new Version(
                version.version(),
                version.digest(),
                version.signature(),
                version.location(),
                version.source(),
                services);
        former = null;
        error = null;
        attempts = 0;
        return this;
    }

    /** What comes of a version that is not let in: the former one, where there is one. */
    PluginEdit turnedDown(@Nullable String why) {
        Version serves = former;
        on(serves == null ? Trigger.REFUSE : Trigger.KEEP);
        if (serves != null) {
            version = serves;
            former = null;
        }
        error = why;
        return this;
    }

    /** The former version is put back, and does not serve either. */
    PluginEdit lost(String why) {
        Version put = former;
        on(Trigger.UNHEALTHY);
        if (put != null) {
            version = put;
            former = null;
        }
        error = why;
        return this;
    }

    PluginRow row() {
        return new PluginRow(
                before.id(),
                before.viberId(),
                before.symbolicName(),
                version.version(),
                version.digest(),
                phase.word(),
                version.signature(),
                version.location(),
                former == null ? null : Json.write(former),
                Json.write(version.services()),
                error,
                version.source(),
                offer,
                attempts,
                before.createdAt(),
                Instant.now());
    }
}
