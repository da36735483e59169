package dev.viber.api.workload;

import dev.viber.api.lifecycle.Lifecycle;
import java.util.Locale;

/** The life of a replica, as one table; its VM has a life of its own meanwhile. */
public final class ReplicaLifecycle {
    /** The transitions. */
    public static final Lifecycle<Phase, Trigger> TABLE = Lifecycle.of(
                    "replica", Phase.class, Trigger.class, Phase.WANTED)
            .on(Trigger.MADE, Phase.UP, Phase.WANTED)
            .on(Trigger.ENDED, Phase.ENDED, Phase.UP)
            .on(Trigger.REVIVED, Phase.UP, Phase.ENDED)
            .on(Trigger.LOST, Phase.LOST, Phase.UP, Phase.ENDED)
            .on(Trigger.CLEARED, Phase.WANTED, Phase.LOST)
            .on(Trigger.LEAVE, Phase.LEAVING, Phase.WANTED, Phase.UP, Phase.ENDED, Phase.LOST)
            .on(Trigger.GONE, Phase.GONE, Phase.LEAVING)
            .build();

    /** Where a replica stands. */
    public enum Phase {
        /** Its VM is to be made; it may be on its way. */
        WANTED,
        /** Its VM was made, and has not ended. */
        UP,
        /** Its VM has ended, and is not to be replaced. */
        ENDED,
        /** It is to have another VM; the one before is removed first. */
        LOST,
        /** It is wanted no more; its VM is removed first. */
        LEAVING,
        /** Gone. */
        GONE;

        /** The word shown to people and programs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * The phase of this word.
         *
         * @throws IllegalArgumentException where there is none
         */
        public static Phase of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** What may happen to a replica. */
    public enum Trigger {
        /** Its VM is there. */
        MADE,
        /** Its VM has ended, and the policy leaves it at that. */
        ENDED,
        /** Somebody has started its VM again. */
        REVIVED,
        /** Its VM has ended or was deleted, and is to be replaced. */
        LOST,
        /** Nothing is left of the VM before. */
        CLEARED,
        /** It is wanted no more. */
        LEAVE,
        /** Nothing is left of it. */
        GONE
    }

    private ReplicaLifecycle() {}
}
