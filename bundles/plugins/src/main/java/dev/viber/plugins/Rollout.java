package dev.viber.plugins;

import dev.viber.api.plugin.JarFacts;
import dev.viber.api.plugin.JarFolder;
import dev.viber.api.plugin.PluginLifecycle.Phase;
import dev.viber.api.plugin.PluginLifecycle.Trigger;
import dev.viber.api.plugin.PluginSource;
import dev.viber.api.store.Tables.PluginRow;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a plugin's row from phase to phase. Every phase is durable before what it stands for is done, so that a viber that
 * was killed knows where it was; the former version stays installed until the new one serves.
 */
final class Rollout {
    /** How often a roll-out is begun: one that takes the process down with it must not do so for ever. */
    static final int MOST_ATTEMPTS = 3;

    private static final Logger LOG = LoggerFactory.getLogger(Rollout.class);

    private final Rows rows;
    private final JarFolder jars;
    private final Trust trust;
    private final Bundles bundles;
    private final Health health;
    private final Settings settings;

    Rollout(Rows rows, JarFolder jars, Trust trust, Bundles bundles, Health health, Settings settings) {
        this.rows = rows;
        this.jars = jars;
        this.trust = trust;
        this.bundles = bundles;
        this.health = health;
        this.settings = settings;
    }

    /**
     * Gets the jar of an offer from the gateway.
     *
     * @return the row, fetched or turned down
     * @throws IOException where the gateway cannot be reached now: the offer stands
     */
    PluginRow fetch(PluginRow row, PluginSource source) throws IOException, InterruptedException {
        try {
            if (!jars.isWhole(row.digest())) {
                String digest;
                try (InputStream in = source.open(row.location())) {
                    digest = jars.lay(in, settings.mostBytes());
                }
                if (!digest.equals(row.digest())) {
                    throw new PluginFailure("its jar has the digest %s, but %s was offered: it was changed on its way"
                            .formatted(digest, row.digest()));
                }
            }
            return verified(row);
        } catch (PluginSource.NotOfferedException | JarFolder.TooLargeException e) {
            return turnDown(row, String.valueOf(e.getMessage()));
        } catch (PluginFailure e) {
            return turnDown(row, e.getMessage());
        }
    }

    /** The jar lies under its digest: whether it may be let in at all. */
    PluginRow laid(PluginRow row) throws InterruptedException {
        try {
            return verified(row);
        } catch (PluginFailure e) {
            return turnDown(row, e.getMessage());
        }
    }

    private PluginRow verified(PluginRow row) throws PluginFailure, InterruptedException {
        trust.check(name(row), row.digest(), row.signature());
        JarFacts facts;
        try {
            facts = JarFacts.read(jars.path(row.digest()));
        } catch (IOException e) {
            throw new PluginFailure(name(row) + ": " + e.getMessage());
        }
        if (!facts.symbolicName().equals(row.symbolicName()) || !facts.version().equals(row.version())) {
            throw new PluginFailure(
                    "its jar is %s %s, but %s was offered".formatted(facts.symbolicName(), facts.version(), name(row)));
        }
        return rows.put(PluginEdit.of(row)
                .on(Trigger.FETCH)
                .lies(jars.path(row.digest()).toString()));
    }

    /** Puts a fetched version in the place of the former one, or the former one back. */
    PluginRow roll(PluginRow fetched) throws InterruptedException {
        PluginEdit.Version former = PluginEdit.former(fetched);
        Bundle old = former == null ? null : bundles.find(former.location());
        PluginRow row = fetched;
        Bundle fresh = null;
        try {
            boolean singleton = old != null && isSingleton(row);
            fresh = bundles.install(row.location());
            bundles.resolve(fresh, singleton);
            row = rows.put(PluginEdit.of(row).on(Trigger.RESOLVE));
            row = rows.put(PluginEdit.of(row).on(Trigger.START).beginning());
            if (old != null) {
                boolean makeRoom = singleton || Bundles.drawsOn(fresh, old);
                leave(old);
                if (makeRoom) {
                    bundles.uninstall(old);
                    old = null;
                    bundles.refresh(List.of(fresh));
                    bundles.resolve(fresh, false);
                }
            }
            bundles.start(fresh);
            List<String> services = health.of(fresh);
            row = rows.put(PluginEdit.of(row).on(Trigger.HEALTHY).serving(services));
        } catch (PluginFailure e) {
            String why = name(row) + ": " + e.getMessage();
            if (Phase.of(row.state()) == Phase.STARTING) {
                return rollBack(
                        rows.put(PluginEdit.of(row).on(Trigger.UNHEALTHY).failing(why)));
            }
            bundles.uninstall(fresh);
            return turnDown(row, why);
        }
        bundles.uninstall(old);
        LOG.info("plugin {} serves: {}", name(row), row.services());
        return row;
    }

    private void leave(Bundle old) throws PluginFailure, InterruptedException {
        try {
            bundles.stop(old);
        } catch (PluginFailure e) {
            throw new PluginFailure("the version before stands in its way: " + e.getMessage());
        }
    }

    private boolean isSingleton(PluginRow row) throws PluginFailure {
        try {
            return JarFacts.read(jars.path(row.digest())).singleton();
        } catch (IOException e) {
            throw new PluginFailure(String.valueOf(e.getMessage()));
        }
    }

    /** Takes the version that failed out and puts the former one back, which may have been stopped, or be gone. */
    PluginRow rollBack(PluginRow row) throws InterruptedException {
        String why = String.valueOf(row.error());
        bundles.uninstall(bundles.find(row.location()));
        PluginEdit.Version former = PluginEdit.former(row);
        if (former == null) {
            return turnDown(row, why);
        }
        try {
            bring(row.symbolicName() + " " + former.version(), former.digest(), former.signature(), former.location());
        } catch (PluginFailure e) {
            LOG.error("plugin {} cannot be rolled back: {}", row.symbolicName(), e.getMessage());
            return rows.put(PluginEdit.of(row)
                    .lost("%s; and the version before does not serve either: %s".formatted(why, e.getMessage())));
        }
        return turnDown(row, why + "; rolled back to " + former.version());
    }

    /**
     * Makes a version serve that was let in before: from its jar, which must be as it was, signed by somebody who is still
     * trusted.
     */
    List<String> bring(String what, String digest, @Nullable String signature, String location)
            throws PluginFailure, InterruptedException {
        try {
            if (!jars.isWhole(digest)) {
                throw new PluginFailure("the jar of %s is gone, or was changed: %s".formatted(what, location));
            }
        } catch (IOException e) {
            throw new PluginFailure("the jar of %s cannot be read: %s".formatted(what, e));
        }
        trust.check(what, digest, signature);
        Bundle bundle = bundles.install(location);
        try {
            bundles.resolve(bundle, false);
            bundles.start(bundle);
            return health.of(bundle);
        } catch (PluginFailure e) {
            bundles.uninstall(bundle);
            throw new PluginFailure(what + ": " + e.getMessage());
        }
    }

    /** The version is not let in; the former one, if any, is as it was. */
    PluginRow turnDown(PluginRow row, @Nullable String why) throws InterruptedException {
        LOG.warn("plugin {} is not let in: {}", name(row), why);
        return rows.put(PluginEdit.of(row).turnedDown(why));
    }

    /** Takes a plugin out. */
    void remove(PluginRow removing) throws InterruptedException {
        bundles.uninstall(bundles.find(removing.location()));
        PluginEdit.Version former = PluginEdit.former(removing);
        if (former != null) {
            bundles.uninstall(bundles.find(former.location()));
        }
        rows.delete(removing);
        LOG.info("plugin {} is removed", name(removing));
    }

    static String name(PluginRow row) {
        return row.symbolicName() + " " + row.version();
    }
}
