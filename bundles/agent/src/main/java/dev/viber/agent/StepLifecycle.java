package dev.viber.agent;

import dev.viber.api.lifecycle.Lifecycle;
import java.util.Locale;

/** The life of a step, or of one round of a forEach, as one table. */
final class StepLifecycle {
    static final Lifecycle<State, Trigger> TABLE = Lifecycle.of("step", State.class, Trigger.class, State.PENDING)
            .on(
                    Trigger.START,
                    State.STARTED,
                    State.PENDING,
                    State.STARTED,
                    State.RETRYING,
                    State.WAITING,
                    State.UNKNOWN)
            .on(Trigger.SKIP, State.SKIPPED, State.PENDING)
            .on(
                    Trigger.RETRY,
                    State.RETRYING,
                    State.PENDING,
                    State.STARTED,
                    State.RETRYING,
                    State.WAITING,
                    State.UNKNOWN)
            .on(Trigger.WAIT, State.WAITING, State.PENDING, State.STARTED, State.RETRYING, State.WAITING, State.UNKNOWN)
            .on(Trigger.LOSE, State.UNKNOWN, State.STARTED)
            .on(Trigger.COMPLETE, State.COMPLETED, State.STARTED, State.WAITING)
            .on(Trigger.FAIL, State.FAILED, State.PENDING, State.STARTED, State.RETRYING, State.WAITING, State.UNKNOWN)
            .build();

    /** Where a step stands. */
    enum State {
        /** Not begun. */
        PENDING,
        /** A call of it is under way, or was when the process ended. */
        STARTED,
        /** A call failed; the next waits for its time. */
        RETRYING,
        /** Waits for a time or a person. */
        WAITING,
        /** It is not known whether its call happened; a person is asked. */
        UNKNOWN,
        /** Done. */
        COMPLETED,
        /** Failed for good. */
        FAILED,
        /** Its condition was false. */
        SKIPPED;

        /** The word used in events and expressions. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The state of this word. */
        static State of(String word) {
            return valueOf(word.toUpperCase(Locale.ROOT));
        }
    }

    /** What may happen to a step. */
    enum Trigger {
        /** A call is about to be made; after a restart or an answer perhaps once more. */
        START,
        /** The condition was false. */
        SKIP,
        /** A call failed and another is allowed. */
        RETRY,
        /** A timer is set, or a person is asked. */
        WAIT,
        /** A call was found cut off that may not be repeated blindly. */
        LOSE,
        /** The call answered, or the timer ran out. */
        COMPLETE,
        /** A failure nothing mends. */
        FAIL
    }

    private StepLifecycle() {}
}
