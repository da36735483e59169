package dev.viber.api.plugin;

import dev.viber.api.lifecycle.Lifecycle;
import java.util.Locale;

/** The life of a plugin on a viber, as one table; both sides speak of a plugin in its words. */
public final class PluginLifecycle {
    /** The transitions. */
    public static final Lifecycle<Phase, Trigger> TABLE = Lifecycle.of(
                    "plugin", Phase.class, Trigger.class, Phase.OFFERED)
            .on(Trigger.OFFER, Phase.OFFERED, Phase.OFFERED, Phase.ACTIVE, Phase.FAILED, Phase.REFUSED)
            .on(Trigger.FETCH, Phase.FETCHED, Phase.OFFERED)
            .on(Trigger.RESOLVE, Phase.RESOLVED, Phase.FETCHED)
            .on(Trigger.START, Phase.STARTING, Phase.RESOLVED)
            .on(Trigger.HEALTHY, Phase.ACTIVE, Phase.STARTING, Phase.FAILED)
            .on(Trigger.UNHEALTHY, Phase.ROLLING_BACK, Phase.STARTING)
            .on(Trigger.UNHEALTHY, Phase.FAILED, Phase.ACTIVE, Phase.ROLLING_BACK)
            .on(Trigger.INTERRUPT, Phase.FETCHED, Phase.FETCHED, Phase.RESOLVED, Phase.STARTING)
            .on(Trigger.KEEP, Phase.ACTIVE, Phase.OFFERED, Phase.FETCHED, Phase.RESOLVED, Phase.ROLLING_BACK)
            .on(Trigger.REFUSE, Phase.REFUSED, Phase.OFFERED, Phase.FETCHED, Phase.RESOLVED, Phase.ROLLING_BACK)
            .on(
                    Trigger.REMOVE,
                    Phase.REMOVING,
                    Phase.OFFERED,
                    Phase.FETCHED,
                    Phase.RESOLVED,
                    Phase.STARTING,
                    Phase.ROLLING_BACK,
                    Phase.ACTIVE,
                    Phase.FAILED,
                    Phase.REFUSED,
                    Phase.REMOVING)
            .on(Trigger.GONE, Phase.REMOVED, Phase.REMOVING)
            .build();

    /** Where a plugin stands. */
    public enum Phase {
        /** On its way: durable, but its jar is not here yet. The former version, if any, serves. */
        OFFERED,
        /** The jar lies under its digest, and its signature is good. */
        FETCHED,
        /** Everything it needs is there. */
        RESOLVED,
        /** The former version is stopped, this one starts and is looked at. */
        STARTING,
        /** It serves. */
        ACTIVE,
        /** It did not start, or is not well: the former version is put back. */
        ROLLING_BACK,
        /** Nothing of it was let in; there was no former version. */
        REFUSED,
        /** It served once and could not be started again; tried again when the viber starts. */
        FAILED,
        /** On its way out. */
        REMOVING,
        /** Gone. */
        REMOVED;

        /** The word shown to people and programs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Whether nothing more happens by itself. */
        public boolean isSettled() {
            return this == ACTIVE || this == REFUSED || this == FAILED || this == REMOVED;
        }

        /**
         * The phase of this word.
         *
         * @throws IllegalArgumentException where there is none
         */
        public static Phase of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    /** What may happen to a plugin. */
    public enum Trigger {
        /** A version is handed in. */
        OFFER,
        /** Its jar is here, whole and rightly signed. */
        FETCH,
        /** All it needs is there. */
        RESOLVE,
        /** It takes the place of the version before. */
        START,
        /** It started, and all it promises is there. */
        HEALTHY,
        /** It did not start, or not all it promises is there. */
        UNHEALTHY,
        /** The viber ended in the middle: begun again. */
        INTERRUPT,
        /** It is not let in; the former version serves on, or again. */
        KEEP,
        /** It is not let in, and there is no former version. */
        REFUSE,
        /** Somebody takes it out. */
        REMOVE,
        /** It is out. */
        GONE
    }

    private PluginLifecycle() {}
}
