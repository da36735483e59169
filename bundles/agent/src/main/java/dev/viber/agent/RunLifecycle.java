package dev.viber.agent;

import dev.viber.api.lifecycle.Lifecycle;

/** The life of a run (one attempt at a task, as long as this agent works on it), as one table. */
final class RunLifecycle {
    static final Lifecycle<State, Trigger> TABLE = Lifecycle.of("run", State.class, Trigger.class, State.QUEUED)
            .on(Trigger.GRANT, State.WORKING, State.QUEUED)
            .on(Trigger.PARK, State.PARKED, State.WORKING)
            .on(Trigger.ANSWER, State.QUEUED, State.PARKED)
            .on(Trigger.CUT, State.CUTTING, State.QUEUED, State.WORKING, State.PARKED)
            .on(Trigger.END, State.ENDED, State.WORKING, State.CUTTING)
            .build();

    /** Where a run stands. */
    enum State {
        /** Waits for a slot of capacity. */
        QUEUED,
        /** Has a slot; its steps are under way. */
        WORKING,
        /** Every step that could go on waits for a person; its slot is given back. */
        PARKED,
        /** Its calls are being cancelled: stop, failure, a newer attempt, or the agent leaves. */
        CUTTING,
        /** Nothing of it is left in this agent. */
        ENDED
    }

    /** What may happen to a run. */
    enum Trigger {
        /** A slot was free. */
        GRANT,
        /** Its last active step began to wait for a person. */
        PARK,
        /** A person answered. */
        ANSWER,
        /** It must come to an end before its plan does. */
        CUT,
        /** All its threads are done. */
        END
    }

    private RunLifecycle() {}
}
